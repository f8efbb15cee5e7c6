#include "engine/parity/runners.h"

namespace ovi {

RunnerTable AllRunners() {
  RunnerTable runners;
#ifdef OVI_PARITY_HAS_tokenizer
  runners["tokenizer"] = RunTokenizerCase;
#endif
#ifdef OVI_PARITY_HAS_sizes
  runners["sizes"] = RunSizesCase;
#endif
#ifdef OVI_PARITY_HAS_text_encoder
  runners["t5"] = RunTextEncoderCase;
#endif
#ifdef OVI_PARITY_HAS_fusion
  runners["fusion"] = RunFusionCase;
#endif
#ifdef OVI_PARITY_HAS_sampling
  runners["scheduler"] = RunSchedulerCase;
  runners["loop"] = RunLoopCase;
#endif
#ifdef OVI_PARITY_HAS_video_vae
  runners["video_vae"] = RunVideoVaeCase;
#endif
#ifdef OVI_PARITY_HAS_audio
  runners["audio"] = RunAudioCase;
  runners["loader"] = RunLoaderCase;
#endif
#ifdef OVI_PARITY_HAS_image
  runners["image"] = RunImageCase;
#endif
#ifdef OVI_PARITY_HAS_e2e
  runners["e2e"] = RunEndToEndCase;
#endif
  return runners;
}

}  // namespace ovi
