#include "server/service/clip_from_proto.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "google/api/field_behavior.pb.h"
#include "server/artifacts/sha256.h"
#include "server/service/enums.h"
#include "server/service/names.h"

namespace ovi {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Longer values are compared by their checksum: a first frame has megabytes.
constexpr size_t kLongValue = 64;

template <typename Theirs, typename Ours>
void TakeEnum(Theirs value, std::string_view field, Ours& out, FieldViolations& violations) {
  const auto known = FromProto(value);
  if (known.has_value()) {
    out = *known;
    return;
  }
  violations.Add(
      field, "UNKNOWN_ENUM_VALUE",
      absl::StrFormat("%s is %d, which this server does not know; leave it out for the default, or take a value of "
                      "ovi.v1",
                      field, static_cast<int>(value)));
}

bool IsOutputOnly(const FieldDescriptor& field) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    const auto behavior = options.GetExtension(google::api::field_behavior, i);
    if (behavior == google::api::OUTPUT_ONLY || behavior == google::api::IDENTIFIER) return true;
  }
  return false;
}

std::string ValueOf(const Message& message, const FieldDescriptor& field, int index) {
  std::string value;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.PrintFieldValueToString(message, &field, index, &value);
  return value.size() > kLongValue ? Sha256Of(value) : value;
}

}  // namespace

ClipRequest ClipFromProto(const v1::ClipRequest& request, FieldViolations& violations) {
  ClipRequest clip;
  clip.checkpoint = ParseCheckpointName(request.checkpoint());
  clip.prompt = request.prompt();
  if (request.has_first_frame()) {
    clip.first_frame = request.first_frame().content();
    if (request.first_frame().has_fit()) {
      TakeEnum(request.first_frame().fit(), "first_frame.fit", clip.image_fit, violations);
    }
  }
  if (request.has_height()) clip.height = request.height();
  if (request.has_width()) clip.width = request.width();
  if (request.has_seed()) clip.seed = request.seed();
  if (request.has_steps()) clip.steps = request.steps();
  if (request.has_solver()) TakeEnum(request.solver(), "solver", clip.solver.emplace(), violations);
  if (request.has_shift()) clip.shift = request.shift();
  if (request.has_video_guidance_scale()) clip.video_guidance_scale = request.video_guidance_scale();
  if (request.has_audio_guidance_scale()) clip.audio_guidance_scale = request.audio_guidance_scale();
  if (request.has_slg_layer()) clip.slg_layer = request.slg_layer();
  if (request.has_video_negative_prompt()) clip.video_negative_prompt = request.video_negative_prompt();
  if (request.has_audio_negative_prompt()) clip.audio_negative_prompt = request.audio_negative_prompt();
  if (request.has_noise_source()) TakeEnum(request.noise_source(), "noise_source", clip.noise_source, violations);
  if (request.has_output_format()) TakeEnum(request.output_format(), "output_format", clip.output_format, violations);
  clip.preview_interval_steps = request.preview_interval_steps();
  return clip;
}

std::map<std::string, std::string> BodyOf(const Message& message, const std::string& prefix) {
  std::map<std::string, std::string> body;
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsOutputOnly(*field)) continue;
    const std::string path = prefix + field->name();
    if (field->is_map()) {
      for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
        const Message& entry = message.GetReflection()->GetRepeatedMessage(message, field, i);
        const FieldDescriptor* key = entry.GetDescriptor()->map_key();  // a string: ovi.v1 has no other maps
        body[path + "." + entry.GetReflection()->GetString(entry, key)] =
            ValueOf(entry, *entry.GetDescriptor()->map_value(), -1);
      }
    } else if (field->is_repeated()) {
      for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i)
        body[path] += ValueOf(message, *field, i);
    } else if (field->message_type() != nullptr) {
      body[path];  // an empty message differs from none
      body.merge(BodyOf(message.GetReflection()->GetMessage(message, field), path + "."));
    } else {
      body[path] = ValueOf(message, *field, -1);
    }
  }
  return body;
}

}  // namespace ovi
