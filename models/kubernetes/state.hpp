#pragma once
namespace nines::models::kubernetes {
struct State {};
}
