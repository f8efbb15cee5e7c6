#include "engine/synthesis/write_files.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Float8_e4m3fn.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <thread>

#include "base/mutex.h"
#include "base/status_macros.h"
#include "engine/synthesis/file_writer.h"
#include "engine/synthesis/random_values.h"

namespace ovi {
namespace {

constexpr int64_t kChunkValues = int64_t{1} << 20;  // 2 or 4 MB: large for a write, small for a cache
static_assert(kChunkValues % RandomValues::kGroup == 0);

struct Chunk {
  size_t file = 0, tensor = 0;
  int64_t first = 0, count = 0;  // values
  uint32_t checksum = 0;
};

// In the order of the files and tensors.
std::vector<Chunk> Cut(const std::vector<PlannedFile>& files) {
  std::vector<Chunk> chunks;
  for (size_t file = 0; file < files.size(); ++file) {
    for (size_t tensor = 0; tensor < files[file].layout.tensors.size(); ++tensor) {
      const int64_t numel = files[file].layout.tensors[tensor].numel;
      for (int64_t first = 0; first < numel; first += kChunkValues) {
        chunks.push_back({file, tensor, first, std::min(kChunkValues, numel - first)});
      }
    }
  }
  return chunks;
}

// The order to work in: every file at the same pace, as systems let one thread at a time write into a file.
std::vector<Chunk*> Interleave(const std::vector<PlannedFile>& files, std::vector<Chunk>& chunks) {
  const auto progress = [&](const Chunk* chunk) {
    const FileLayout& layout = files[chunk->file].layout;
    const auto bytes = static_cast<uint64_t>(chunk->first) * c10::elementSize(layout.dtype);
    return static_cast<double>(layout.tensors[chunk->tensor].offset + bytes) / static_cast<double>(layout.bytes);
  };
  std::vector<Chunk*> order;
  for (Chunk& chunk : chunks) order.push_back(&chunk);
  std::ranges::stable_sort(order, {}, progress);
  return order;
}

class Work {
 public:
  Work(const std::vector<PlannedFile>& files, const std::vector<std::unique_ptr<FileWriter>>& writers, uint64_t seed,
       const std::vector<Chunk*>& order)
      : files_(files), writers_(writers), seed_(seed), order_(order) {}

  // Takes chunks until there are none, or one could not be written. For any number of threads.
  void Run() {
    const auto buffer = std::make_unique_for_overwrite<float[]>(kChunkValues);
    for (size_t at = next_++; at < order_.size() && !failed_; at = next_++) {
      const absl::Status status = Write(*order_[at], buffer.get());
      if (status.ok()) continue;
      failed_ = true;
      const MutexLock lock(mutex_);
      if (status_.ok()) status_ = status;
    }
  }

  absl::Status status() const {
    const MutexLock lock(mutex_);
    return status_;
  }

 private:
  absl::Status Write(Chunk& chunk, void* buffer) const {
    switch (files_[chunk.file].layout.dtype) {
      case at::kFloat8_e4m3fn:
        return WriteAs<c10::Float8_e4m3fn>(chunk, buffer);
      case at::kBFloat16:
        return WriteAs<c10::BFloat16>(chunk, buffer);
      default:
        return WriteAs<float>(chunk, buffer);
    }
  }

  template <typename Number>
  absl::Status WriteAs(Chunk& chunk, void* buffer) const {
    const TensorPlace& tensor = files_[chunk.file].layout.tensors[chunk.tensor];
    const std::span<Number> values(static_cast<Number*>(buffer), static_cast<size_t>(chunk.count));
    RandomValues(seed_, tensor.name, RangeOf(tensor.name, tensor.shape)).Fill(chunk.first, values);
    chunk.checksum = static_cast<uint32_t>(crc32_z(0, static_cast<const Bytef*>(buffer), values.size_bytes()));
    const uint64_t offset = tensor.offset + static_cast<uint64_t>(chunk.first) * sizeof(Number);
    return writers_[chunk.file]->Write(offset, buffer, values.size_bytes());
  }

  const std::vector<PlannedFile>& files_;
  const std::vector<std::unique_ptr<FileWriter>>& writers_;
  const uint64_t seed_;
  const std::vector<Chunk*>& order_;
  std::atomic<size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  mutable Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

std::vector<uint32_t> ChecksumsOf(const std::vector<Chunk>& chunks, size_t file, const FileLayout& layout) {
  std::vector<uint32_t> checksums(layout.tensors.size(), 0);  // 0 is the CRC of nothing
  for (const Chunk& chunk : chunks) {
    if (chunk.file != file) continue;
    const auto bytes = chunk.count * static_cast<int64_t>(c10::elementSize(layout.dtype));
    uint32_t& checksum = checksums[chunk.tensor];
    checksum = static_cast<uint32_t>(crc32_combine(checksum, chunk.checksum, bytes));
  }
  return checksums;
}

}  // namespace

absl::Status WriteFiles(const std::vector<PlannedFile>& files, uint64_t seed, unsigned threads) {
  std::vector<std::unique_ptr<FileWriter>> writers;
  for (const PlannedFile& file : files) {
    OVI_ASSIGN_OR_RETURN(std::unique_ptr<FileWriter> writer, FileWriter::Create(file.path));
    writers.push_back(std::move(writer));
  }
  std::vector<Chunk> chunks = Cut(files);
  const std::vector<Chunk*> order = Interleave(files, chunks);
  Work work(files, writers, seed, order);
  {
    std::vector<std::jthread> pool;
    for (unsigned i = 0; i < threads; ++i) pool.emplace_back([&work] { work.Run(); });
  }
  OVI_RETURN_IF_ERROR(work.status());
  for (size_t i = 0; i < files.size(); ++i) {
    for (const Fragment& fragment : files[i].layout.container(ChecksumsOf(chunks, i, files[i].layout))) {
      OVI_RETURN_IF_ERROR(writers[i]->Write(fragment.offset, fragment.bytes.data(), fragment.bytes.size()));
    }
  }
  for (const auto& writer : writers) OVI_RETURN_IF_ERROR(writer->Finish());
  return absl::OkStatus();
}

}  // namespace ovi
