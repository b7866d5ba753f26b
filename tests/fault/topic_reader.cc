#include "tests/fault/topic_reader.h"

#include <map>
#include <sstream>

#include <fmt/format.h>

#include "libs/base/topics.h"
#include "tests/fault/harness.h"

namespace frontdesk::fault {
namespace {

struct Seen {
  std::map<unsigned long long, std::string> ids;  // by fd_seq
};

std::map<std::string, std::string> ParseHeaders(const std::string& text) {
  std::map<std::string, std::string> headers;
  std::istringstream in(text);
  std::string entry;
  while (std::getline(in, entry, ',')) {
    const size_t equals = entry.find('=');
    if (equals != std::string::npos) headers[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return headers;
}

unsigned long long Number(const std::map<std::string, std::string>& headers, const char* name) {
  const auto it = headers.find(name);
  return it == headers.end() ? 0 : std::strtoull(it->second.c_str(), nullptr, 10);
}

class Reader {
 public:
  void Read(const std::string& broker, const std::string& topic) {
    const Finished run = RunCommand({"/usr/bin/kcat", "-C", "-q", "-b", broker, "-t", topic, "-o",
                                     "beginning", "-e", "-f", "%p %h\n"},
                                    {}, absl::Seconds(60));
    if (run.exit_code != 0) {
      read_.wrong.push_back(fmt::format("kcat can't read {}: {}", topic, run.output));
      return;
    }
    std::istringstream lines(run.output);
    std::string line;
    while (std::getline(lines, line)) {
      const size_t space = line.find(' ');
      if (space == std::string::npos) continue;
      Take(topic + "/" + line.substr(0, space), ParseHeaders(line.substr(space + 1)));
    }
  }

  TopicsRead Finish() {
    for (const auto& [source, seen] : sources_) {
      const unsigned long long last = seen.ids.empty() ? 0 : seen.ids.rbegin()->first;
      read_.sources.push_back({source, last});
      read_.events += seen.ids.size();
      // Numbers begin at 1, so as many as the last one says means that none is missing.
      if (seen.ids.size() != last) {
        read_.wrong.push_back(
            fmt::format("{}: {} events up to number {}", source, seen.ids.size(), last));
      }
    }
    return std::move(read_);
  }

 private:
  void Take(const std::string& partition, const std::map<std::string, std::string>& headers) {
    ++read_.records;
    const auto source = headers.find("ce_source");
    const auto id = headers.find("ce_id");
    const unsigned long long seq = Number(headers, "fd_seq");
    if (source == headers.end() || id == headers.end() || seq == 0) {
      read_.wrong.push_back(partition + ": a record without ce_source, ce_id or fd_seq");
      return;
    }
    const auto [known, added] = sources_[source->second].ids.emplace(seq, id->second);
    if (!added) {
      if (known->second != id->second) {
        read_.wrong.push_back(
            fmt::format("{} {}: two events have this number", source->second, seq));
      }
      return;
    }
    unsigned long long& newest = newest_[partition + " " + source->second];
    if (seq < newest || Number(headers, "fd_prev") != newest) {
      read_.wrong.push_back(fmt::format("{} of {}: {} (after {}) follows {}", partition,
                                        source->second, seq, Number(headers, "fd_prev"), newest));
    }
    newest = seq;
  }

  TopicsRead read_;
  std::map<std::string, Seen> sources_;
  std::map<std::string, unsigned long long> newest_;
};

}  // namespace

unsigned long long TopicsRead::LastOf(const std::string& service) const {
  for (const Source& source : sources) {
    if (source.name == "/frontdesk/" + service + "/0") return source.last;
  }
  return 0;
}

TopicsRead ReadTopics(const std::string& broker) {
  Reader reader;
  for (const TopicSpec& topic : AllTopics()) reader.Read(broker, std::string(topic.name));
  return reader.Finish();
}

}  // namespace frontdesk::fault
