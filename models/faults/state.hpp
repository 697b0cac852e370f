#pragma once
namespace nines::models::faults {
struct State {};
}
