#pragma once
namespace nines::models::people {
struct State {};
}
