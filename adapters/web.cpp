// web: our own chat page. The page posts {"id","text"|"choice"|"start","zone"} with a cookie; replies are pulled by the
// page (bot/webchat), so send() makes no call. Authenticity: the cookie steady_web holds a random token that we made;
// the address is its SHA-256, so that the store never holds what would open the conversation. Tested by
// tests/adapters/web.json and tests/e2e/page.mjs.
#include <array>

#include "adapters/fields.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

constexpr std::array<std::string_view, 6> kWanted{"id", "text", "choice", "start", "zone", "language"};
constexpr std::size_t kTokenBytes = 43;  // 32 random bytes in base64url
constexpr std::size_t kMaxTextBytes = 16 << 10;

class Web final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "web"; }
  [[nodiscard]] Limits limits() const override { return {4096, Unit::utf16, 20, 256, 1000, 100, {}, true}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return {}; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel&, const Request& request, Time) const override {
    std::string_view cookies = request.header("Cookie"), token;
    constexpr std::string_view kName = "steady_web=";
    if (auto at = cookies.find(kName); at != std::string_view::npos)
      token = cookies.substr(at + kName.size(), cookies.find(';', at) == std::string_view::npos
                                                    ? std::string_view::npos
                                                    : cookies.find(';', at) - at - kName.size());
    if (token.size() != kTokenBytes) return tl::unexpected(Refusal{401, "open the page first: it gives the cookie"});
    auto f = Fields::read(request.body, kWanted);
    if (!f) return tl::unexpected(f.error());
    Received out;
    out.status = 202;
    out.body = "{}";
    Update u;
    u.id = f->text("id");
    u.contact = sha256_hex(token).substr(0, 40);
    u.zone = f->text("zone");
    u.language = f->text("language");
    if (u.id.empty() || u.id.size() > 64) return tl::unexpected(Refusal{400, "id is missing or longer than 64 bytes"});
    if (f->find("choice")) {
      u.kind = Kind::choice;
      u.value = f->text("choice");
    } else if (f->find("start")) {
      u.kind = Kind::began;
    } else {
      u.text = f->text("text");
      if (u.text.empty()) return tl::unexpected(Refusal{400, "text is missing"});
      if (u.text.size() > kMaxTextBytes) return tl::unexpected(Refusal{413, "text is longer than 16 KiB"});
    }
    out.add(std::move(u));
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel&, const Outgoing&, Time) const override { return {}; }
  [[nodiscard]] Delivery conclude(const HttpResult&) const override { return Delivered{}; }
};

}  // namespace

const Adapter& web() {
  static const Web instance;
  return instance;
}

}  // namespace adapters
