#include <zlib.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/synthesis/file_layout.h"
#include "engine/synthesis/torch_pickle.h"
#include "engine/synthesis/zip_records.h"

namespace ovi {
namespace {

constexpr char kFolder[] = "archive";  // any name will do; torch.save takes this where it writes into a stream

struct TextRecord {
  size_t entry = 0;
  std::string text;
};

// Entries in the order of the file: data.pkl first, whose folder readers take for the archive's, then a storage for
// each tensor, then the small records that readers ask for.
struct Archive {
  std::vector<ZipEntry> entries;
  std::vector<TextRecord> texts;
  size_t first_storage = 0;
  uint64_t reached = 0;

  ZipEntry& Add(const std::string& name, uint64_t bytes) {
    entries.push_back(PlaceEntry(absl::StrFormat("%s/%s", kFolder, name), reached, bytes));
    reached = entries.back().data_offset + bytes;
    return entries.back();
  }
  void AddText(const std::string& name, std::string text) {
    Add(name, text.size()).checksum =
        static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
    texts.push_back({.entry = entries.size() - 1, .text = std::move(text)});
  }
};

std::vector<Fragment> Frame(Archive archive, const std::vector<uint32_t>& checksums) {
  for (size_t i = 0; i < checksums.size(); ++i) archive.entries[archive.first_storage + i].checksum = checksums[i];
  std::vector<Fragment> fragments;
  for (const ZipEntry& entry : archive.entries) fragments.push_back({entry.header_offset, LocalHeader(entry)});
  for (TextRecord& record : archive.texts) {
    fragments.push_back({archive.entries[record.entry].data_offset, std::move(record.text)});
  }
  fragments.push_back({archive.reached, Directory(archive.entries, archive.reached)});
  return fragments;
}

}  // namespace

absl::StatusOr<FileLayout> TorchZipLayout(const TensorShapes& shapes, at::ScalarType dtype,
                                          const std::string& wrapper) {
  FileLayout layout{.dtype = dtype};
  for (const auto& [name, shape] : shapes) layout.tensors.push_back(PlaceOf(name, shape, dtype));
  OVI_ASSIGN_OR_RETURN(std::string pickle, PickleStateDict(layout.tensors, dtype, wrapper));
  Archive archive;
  archive.AddText("data.pkl", std::move(pickle));
  archive.AddText("byteorder", "little");
  archive.first_storage = archive.entries.size();
  for (size_t i = 0; i < layout.tensors.size(); ++i) {
    TensorPlace& place = layout.tensors[i];
    place.offset = archive.Add(absl::StrFormat("data/%d", i), place.bytes).data_offset;
  }
  archive.AddText("version", "3\n");
  layout.bytes = archive.reached + DirectoryBytes(archive.entries);
  layout.container = [archive = std::move(archive)](const std::vector<uint32_t>& checksums) {
    return Frame(archive, checksums);
  };
  return layout;
}

}  // namespace ovi
