// What the device does at best, measured in the same run as the rows that are compared with it.
#pragma once

#include <c10/core/Device.h>

#include "bench/device/arithmetic.h"
#include "engine/device/attention_backend.h"

namespace ovi::bench {

struct Floors {
  // Operations of a bf16 matrix product in the transformer's shape, and of self-attention over 15,004 tokens with 24
  // heads of 128, for as long as a clip takes; and in the first moments, before a power limit is felt.
  double products_per_second = 0, attention_per_second = 0;
  double brief_products_per_second = 0, brief_attention_per_second = 0;
  double copy_bytes_per_second = 0;    // read plus written, device to device
  double upload_bytes_per_second = 0;  // from pinned memory

  // The least time for `work`.
  double SecondsFor(const Arithmetic& work) const {
    return work.products / products_per_second + work.attention / attention_per_second;
  }
};

Floors MeasureFloors(c10::Device device, const AttentionChoice& attention);

}  // namespace ovi::bench
