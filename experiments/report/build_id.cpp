// Which build of the program this is: read off the program itself.
#include "experiments/report/version.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

namespace nines::experiments {

namespace {

std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

/// The note with the build ID among those of a segment.
std::string build_id_in(const char* at, std::size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
    const std::size_t begin = sizeof(ElfW(Nhdr)) + padded(note->n_namesz);
    const std::size_t bytes = begin + padded(note->n_descsz);
    if (bytes > size) break;
    if (note->n_type == NT_GNU_BUILD_ID && std::string_view(at + sizeof(ElfW(Nhdr)), 3) == "GNU") {
      std::string text;
      for (std::size_t i = 0; i < note->n_descsz; ++i) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(at[begin + i]));
      }
      return text;
    }
    at += bytes;
    size -= bytes;
  }
  return "";
}

/// The first object is the program itself.
int look_at(dl_phdr_info* object, std::size_t, void* found) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const std::string id =
        build_id_in(reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz);
    if (!id.empty()) *static_cast<std::string*>(found) = id;
  }
  return 1;
}

}  // namespace

std::string build() {
  std::string id;
  dl_iterate_phdr(look_at, &id);
  return id;
}

}  // namespace nines::experiments
