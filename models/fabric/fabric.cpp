#include "models/fabric/fabric.hpp"

namespace nines::models::fabric {

Route& Route::add(ResourceId resource, double load) {
  assert(load > 0);
  if (!resource.exists()) return *this;
  for (std::size_t i = 0; i < count_; ++i) {
    if (hops_[i].resource == resource) {
      hops_[i].load += load;
      return *this;
    }
  }
  assert(count_ < max_hops);
  hops_[count_++] = {resource, load};
  return *this;
}

Route& Route::add(const Route& other) {
  for (const Hop& hop : other.hops()) add(hop.resource, hop.load);
  return *this;
}

}  // namespace nines::models::fabric
