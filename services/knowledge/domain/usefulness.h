#pragma once

#include "frontdesk/knowledge/v1/answer_quality.pb.h"

// How useful articles are, in figures.
namespace frontdesk::knowledge {

// Ratings and outcomes, good and bad ones.
int Votes(const v1::Usefulness& figures);
int BadVotes(const v1::Usefulness& figures);

// The least share of bad votes that the figures leave room for, basis points: the lower end of the
// Wilson interval at 90 %, one-sided. 0 without bad votes.
int WeaknessBps(const v1::Usefulness& figures);

void AddUp(const v1::Usefulness& figures, v1::Usefulness& total);

// Counts `by` ratings with a reason; an unspecified one is not counted. Never below zero.
void CountReason(v1::Usefulness& figures, v1::RatingReason reason, int by);

}  // namespace frontdesk::knowledge
