// Tests check what the product trusts.
#include "models/coverage.hpp"

namespace {

struct Probing {
  Probing() { nines::models::probing = true; }
} probing;

}  // namespace
