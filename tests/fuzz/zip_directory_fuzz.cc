// The directory of a checkpoint's ZIP archive.
#include "engine/checkpoint/zip_directory.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ovi::MemoryFile file(data, size);
  const auto reader = ovi::FileReader::Open(file.path());
  ovi::Require(reader.ok(), "the file can be opened");
  const auto records = ovi::ReadZipDirectory(**reader);
  if (!records.ok()) return 0;
  uint64_t sum = 0;
  for (const auto& [name, record] : *records) {
    ovi::Require(record.offset <= size && record.bytes <= size - record.offset, "a record lies in the file");
    sum += record.bytes;
  }
  ovi::Require(sum <= size, "records do not overlap");
  return 0;
}
