// The plan of the blocks as text, to be kept with the results that rest on it.
#pragma once

#include <string>

#include "experiments/estimate/joint_sampling.hpp"

namespace nines::experiments {

std::string sampling_text(const JointSampling& sampling);
/// REQUIRES: text of `sampling_text`. Numbers come back exactly.
JointSampling sampling_from(const std::string& text);

}  // namespace nines::experiments
