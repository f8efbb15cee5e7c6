// What a tower has besides its embedding of latents, which differs between video and audio.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/fusion_text.h"
#include "engine/fusion/head.h"
#include "engine/fusion/modulation.h"
#include "engine/fusion/residual_stream.h"
#include "engine/fusion/rope.h"
#include "engine/fusion/text_embedding.h"
#include "engine/fusion/time_embedding.h"
#include "engine/fusion/tower_block.h"

namespace ovi {

struct Tower {
  Tower(const WeightScope& weights, const TowerConfig& tower_config, const AttentionChoice& attention);

  // text [n, text_dim]. Traces `context` [1, text_len, dim].
  TowerText PrepareText(const at::Tensor& text, const Trace& trace) const;

  TowerConfig config;
  RopeTable rope;
  TextEmbedding text_embedding;
  TimeEmbedding time_embedding;
  TowerModulation modulation;
  std::vector<TowerBlock> blocks;
  Head head;
};

// One tower on its way through a pass, or through two at once.
struct TowerState {
  ResidualStream x;                         // [B, N, dim]
  at::Tensor rope;                          // factors of the N tokens
  at::Tensor e;                             // [R, dim], for the head
  int64_t clean_tokens = 0;                 // modulation.h
  std::vector<BlockModulation> modulation;  // one a block
};

// Embeds the timestep: R = 2 rows, the first for timestep 0, if there are clean tokens. Traces e and e0.
void EmbedTime(const Tower& tower, double timestep, TowerState& state, const Trace& trace);

}  // namespace ovi
