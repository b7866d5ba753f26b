#include "libs/store/dead_letter.h"

#include <catch2/catch.hpp>

using namespace frontdesk;
using namespace frontdesk::store;

TEST_CASE("a dead letter can be read whatever its error says") {
  Delivery delivery;
  delivery.topic = "frontdesk.dialog.v1";
  const rows::DeadLetterRow letter = MakeDeadLetterRow(
      delivery, absl::InvalidArgumentError("header \xff\xfe is too long"), absl::UnixEpoch());
  rows::DeadLetterRow read;
  REQUIRE(read.ParseFromString(letter.SerializeAsString()));
  CHECK(read.message() == "header ?? is too long");
}
