// What the device does at best, measured in the same run as the rows that are compared with it.
#pragma once

#include <c10/core/Device.h>

#include "bench/device/arithmetic.h"
#include "engine/device/attention_backend.h"

namespace ovi::bench {

struct Floors {
  double products_per_second = 0;      // operations, of a bf16 matrix product in the transformer's shape
  double attention_per_second = 0;     // operations, of self-attention over 15,004 tokens with 24 heads of 128
  double copy_bytes_per_second = 0;    // read plus written, device to device
  double upload_bytes_per_second = 0;  // from pinned memory

  // The least time for `work`.
  double SecondsFor(const Arithmetic& work) const {
    return work.products / products_per_second + work.attention / attention_per_second;
  }
};

Floors MeasureFloors(c10::Device device, const AttentionChoice& attention);

}  // namespace ovi::bench
