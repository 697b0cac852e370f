#pragma once
#include "models/infrastructure/network.hpp"
namespace nines::models::infrastructure {
struct State { Reachability reachability; };
}
