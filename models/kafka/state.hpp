#pragma once
namespace nines::models::kafka {
struct State {};
}
