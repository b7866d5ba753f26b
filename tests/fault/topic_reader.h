#pragma once

#include <string>
#include <vector>

namespace frontdesk::fault {

// Reads all topics of a real broker with kcat, as an independent consumer would.
//
// What must hold of them: each source's numbers (fd_seq) are gapless from 1 to `last` when repeats
// are left out; a repeat is the same event (ce_id); in each partition the numbers rise, repeats left
// out, and each names the one before it (fd_prev).
struct TopicsRead {
  std::vector<std::string> wrong;
  size_t records = 0;
  size_t events = 0;  // repeats left out
  // Newest number of a source, by short service name; 0 when there is none.
  unsigned long long LastOf(const std::string& service) const;

  struct Source {
    std::string name;
    unsigned long long last = 0;
  };
  std::vector<Source> sources;
};

TopicsRead ReadTopics(const std::string& broker);

}  // namespace frontdesk::fault
