// Configuration keys of MirrorMaker 2 and Connect that are valid but that nothing in this model reads.
#pragma once

#include "models/service/parameters.hpp"

namespace nines::models::mirror_maker {

extern const service::InertKeys inert_keys;

}  // namespace nines::models::mirror_maker
