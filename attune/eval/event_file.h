// Event file: learning curves as TensorBoard reads them: records of TFRecord, each a protobuf Event with one scalar.
// Source: tensorflow/core/lib/io/record_writer (length, masked CRC-32C of the length, data, masked CRC-32C of the data),
// tensorflow/core/util/event.proto and framework/summary.proto.
#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace attune::eval {

// Writes FOLDER/events.out.tfevents.SECONDS.attune; each scalar is in the file when the call returns. Not for several threads.
class EventFile {
 public:
  // Makes the folder. `wall_time`: seconds since 1970 UTC. Throws Error: io.
  EventFile(const std::filesystem::path& folder, double wall_time);
  void scalar(std::string_view tag, std::int64_t step, double value, double wall_time);

 private:
  void record(const std::string& data);
  std::filesystem::path path_;
  std::ofstream out_;
};

// CRC-32C (Castagnoli) of some bytes, and as TFRecord masks it.
std::uint32_t crc32c(std::string_view bytes) noexcept;
std::uint32_t masked_crc32c(std::string_view bytes) noexcept;

}  // namespace attune::eval
