// A second queue of a GPU, for work that is too small to fill it and need not wait: the audio tower beside the video
// tower. The kernels of the side run in the gaps of the main queue's.
//
//   side.Fork();                   // what the side does from now on sees what the main queue has done until now
//   side.Run([&] { ... });         // operations in here are queued on the side
//   ...                            // meanwhile the main queue goes on
//   side.Join();                   // and the other way round
//
// Memory: a tensor belongs to the queue on which it was made. It may be read by the other one if it is let go only
// after the next Fork (main reads what the side made: the side's next allocation waits for it) or Join (the side reads
// what main made). On a CPU there is one queue, and all of this does nothing: work is done in the order of the program.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/Stream.h>

#include <memory>
#include <optional>

namespace ovi {

// Not thread-safe; used on one thread, on which the device's current stream is the main queue.
class SideStream {
 public:
  // Picks the queue to use: once for all, since each one that is used keeps workspaces of the libraries (32 MB on an
  // H200, a gigabyte for all that there are). Nothing on a CPU.
  static std::optional<c10::Stream> Choose(c10::Device device);

  explicit SideStream(const std::optional<c10::Stream>& side);
  ~SideStream();
  SideStream(const SideStream&) = delete;
  SideStream& operator=(const SideStream&) = delete;

  void Fork();
  void Join();

  template <typename Body>
  void Run(Body&& body) {
    const Scope on_the_side(*this);
    body();
  }

 private:
  class Scope {
   public:
    explicit Scope(SideStream& side) : side_(side) { side_.Exchange(); }
    ~Scope() { side_.Exchange(); }

   private:
    SideStream& side_;
  };
  void Exchange();  // the current stream for the one kept

  struct Streams;
  std::unique_ptr<Streams> streams_;  // null on a CPU
};

}  // namespace ovi
