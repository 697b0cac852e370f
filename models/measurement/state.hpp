#pragma once
namespace nines::models::measurement {
struct State {};
}
