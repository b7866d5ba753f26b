#pragma once

#include <string_view>
#include <vector>

#include "frontdesk/knowledge/v1/answer_quality.pb.h"

// How the answer threshold is chosen from labelled questions.
namespace frontdesk::knowledge {

inline constexpr int kLabelsMin = 20;  // for a calibration
inline constexpr int kLabelsMax = 5000;
// None is gathered from ratings, gaps and outcomes once a tenant has so many: the rest is for people.
inline constexpr int kLabelsGatheredMax = 4000;
// None is gathered from what conversations came to from so many on: the rest is for better sources.
inline constexpr int kLabelsOfOutcomesMax = 2000;
// From so many labels of better sources on, those of outcomes are left out of a calibration.
inline constexpr int kLabelsEnough = 100;
// By itself, without a person who asks for it, the threshold moves by so much a day.
inline constexpr int kDailyStepBps = 500;
inline constexpr int kDefaultTargetBps = 9500;
inline constexpr int kTargetMinBps = 5000;
inline constexpr int kCurvePointsMax = 50;

enum class Verdict { kRight, kWrong, kUnknown };

// What an answer citing `article` ("" = it cites nothing) is worth to a labelled question. Unknown:
// the label does not say.
Verdict JudgeAnswer(const v1::LabeledQuestion& label, std::string_view article);

// Leaves out what conversations came to, where others have said enough: it is what customers, who may be
// anybody, make of answers that the threshold itself let through.
void DropDoubtful(std::vector<v1::LabeledQuestion>& labels);

// What became of one labelled question.
struct Trial {
  int confidence_bps = 0;  // of the best answer; 0 = there is none
  bool right = false;
};

struct Calibration {
  int threshold_bps = 0;  // 0: there was nothing to choose from
  bool target_reached = false;
  std::vector<v1::ThresholdPoint> curve;  // highest threshold first
};

// The lowest threshold whose answers are right often enough. When none is that good: the one whose
// answers are right most often, the lowest of equals, at least `kLabelsMin / 2` answers where there
// are so many. Answers of one confidence are given together or not at all.
Calibration ChooseThreshold(std::vector<Trial> trials, int target_precision_bps);

}  // namespace frontdesk::knowledge
