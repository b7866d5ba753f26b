#include "libs/rpc/deadlines.h"

#include <algorithm>
#include <chrono>

#include "libs/telemetry/thread_name.h"

namespace frontdesk::rpc {

Deadlines::Deadlines(Clock& clock, const char* thread_name)
    : clock_(clock), thread_name_(thread_name) {}

Deadlines::~Deadlines() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (Deadline* head : slots_) {
    while (head != nullptr) {
      Deadline* next = head->next_;
      head->listed_ = false;
      head->UnrefDeadline();
      head = next;
    }
  }
}

void Deadlines::Add(Deadline& deadline, absl::Duration at) {
  bool wake = false;
  {
    std::lock_guard lock(mu_);
    if (at == absl::InfiniteDuration() || deadline.listed_ || stopping_) return;
    if (!deadline.StillWanted()) return;
    if (!thread_.joinable()) {
      swept_ = NowTick();
      thread_ = std::thread([this] { Run(); });
    } else if (size_ == 0) {
      swept_ = std::max(swept_, NowTick() - 1);  // nothing was listed: nothing to sweep
    }
    deadline.tick_ = std::max(at / kTick + 1, swept_ + 1);
    deadline.listed_ = true;
    deadline.RefDeadline();
    Deadline*& head = slots_[static_cast<size_t>(deadline.tick_) % kSlots];
    deadline.prev_ = nullptr;
    deadline.next_ = head;
    if (head != nullptr) head->prev_ = &deadline;
    head = &deadline;
    ++size_;
    wake = asleep_;
  }
  if (wake) changed_.notify_one();
}

bool Deadlines::Remove(Deadline& deadline) {
  {
    std::lock_guard lock(mu_);
    if (!deadline.listed_) return false;
    Unlink(deadline);
  }
  deadline.UnrefDeadline();
  return true;
}

void Deadlines::Unlink(Deadline& deadline) {
  if (deadline.prev_ != nullptr) {
    deadline.prev_->next_ = deadline.next_;
  } else {
    slots_[static_cast<size_t>(deadline.tick_) % kSlots] = deadline.next_;
  }
  if (deadline.next_ != nullptr) deadline.next_->prev_ = deadline.prev_;
  deadline.listed_ = false;
  --size_;
}

void Deadlines::ExpireAll() {
  std::vector<Deadline*> expired;
  {
    std::lock_guard lock(mu_);
    for (Deadline*& head : slots_) {
      while (head != nullptr) {
        expired.push_back(head);
        Unlink(*head);
      }
    }
  }
  Fire(expired);
}

void Deadlines::Fire(const std::vector<Deadline*>& expired) {
  for (Deadline* deadline : expired) {
    deadline->OnDeadline();
    deadline->UnrefDeadline();
  }
}

void Deadlines::TakeExpired(int64_t now_tick, std::vector<Deadline*>& expired) {
  const int64_t first = std::max(swept_ + 1, now_tick - static_cast<int64_t>(kSlots) + 1);
  for (int64_t tick = first; tick <= now_tick; ++tick) {
    Deadline* deadline = slots_[static_cast<size_t>(tick) % kSlots];
    while (deadline != nullptr) {
      Deadline* next = deadline->next_;
      if (deadline->tick_ <= now_tick) {
        Unlink(*deadline);
        expired.push_back(deadline);
      }
      deadline = next;
    }
  }
  swept_ = std::max(swept_, now_tick);
}

void Deadlines::Run() {
  telemetry::NameThread(thread_name_);
  std::vector<Deadline*> expired;
  int idle_ticks = 0;
  std::unique_lock lock(mu_);
  while (!stopping_) {
    idle_ticks = size_ == 0 ? idle_ticks + 1 : 0;
    if (idle_ticks > kIdleTicks) {
      asleep_ = true;
      changed_.wait(lock, [this] { return stopping_ || size_ > 0; });
      asleep_ = false;
      continue;
    }
    changed_.wait_for(lock, absl::ToChronoNanoseconds(kTick), [this] { return stopping_; });
    TakeExpired(NowTick(), expired);
    if (expired.empty()) continue;
    lock.unlock();
    Fire(expired);
    expired.clear();
    lock.lock();
  }
}

}  // namespace frontdesk::rpc
