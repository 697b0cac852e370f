# Run by nines_embed: writes SOURCE, in which FUNCTION gives what FILE holds.
file(READ "${FILE}" text)
string(FIND "${text}" ")bundle\"" end)
if(NOT end EQUAL -1)
  message(FATAL_ERROR "${FILE} holds what ends a text in the source")
endif()
file(WRITE "${SOURCE}" "#include \"experiments/review/bundles.hpp\"

namespace nines::experiments::review {

std::string_view ${FUNCTION}() {
  return R\"bundle(${text})bundle\";
}

}  // namespace nines::experiments::review
")
