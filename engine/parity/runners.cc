#include "engine/parity/runners.h"

namespace ovi {

RunnerTable AllRunners() {
  return {{"tokenizer", RunTokenizerCase}, {"sizes", RunSizesCase},         {"t5", RunTextEncoderCase},
          {"fusion", RunFusionCase},       {"scheduler", RunSchedulerCase}, {"loop", RunLoopCase},
          {"video_vae", RunVideoVaeCase},  {"audio", RunAudioCase},         {"loader", RunLoaderCase},
          {"image", RunImageCase},         {"e2e", RunEndToEndCase}};
}

}  // namespace ovi
