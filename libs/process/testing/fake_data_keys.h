#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/process/peers.h"
#include "libs/text/seal.h"

namespace frontdesk::process::testing {

// Keys for every customer but those whose id begins with "unknown".
class FakeDataKeys final : public DataKeys {
 public:
  explicit FakeDataKeys(RandomSource& random) : random_(random) {}
  void Get(std::string_view, std::vector<std::string> customers, absl::Duration,
           Done done) override {
    if (!status.ok()) return done(status);
    std::vector<Key> keys;
    for (const std::string& customer : customers) keys.push_back(Of(customer));
    done(std::move(keys));
  }
  Key Of(const std::string& customer) {
    Key& key = keys_[customer];
    if (key == nullptr && customer.substr(0, 7) != "unknown") {
      key = std::make_shared<text::DataKey>(text::NewDataKey("key-" + customer, random_));
    }
    return key;
  }

  absl::Status status;

 private:
  RandomSource& random_;
  std::map<std::string, Key> keys_;
};

}  // namespace frontdesk::process::testing
