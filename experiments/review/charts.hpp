// Charts as SVG text. Each has a title and a description for readers that cannot see it; colours are the page's.
#pragma once

#include <string>
#include <vector>

#include "experiments/review/document.hpp"

namespace nines::experiments::review {

/// The drawing beside a row: it takes the width that its cell has. Its words stand in the row, so readers skip it.
std::string row_svg(const std::vector<Mark>& marks);
/// `id`: names its title and description within the page.
std::string curve_svg(const Curve& curve, const std::string& id);
std::string scatter_svg(const Scatter& scatter, const std::string& id);

}  // namespace nines::experiments::review
