// xmpp_stream: the stream of XEP-0114: shows the secret, reads stanzas, answers what a server and its clients ask of
// everybody (disco, ping, presence, receipts). Bounded: no document type, kMaxDepth levels, kMaxStanza bytes of text.
// Stream errors that will not go away by themselves (not-authorized, host-unknown, conflict) are for the operator.
#include <expat.h>

#include <map>

#include "adapters/encode.hpp"
#include "adapters/signature.hpp"
#include "adapters/xmpp.hpp"

namespace adapters {
namespace {

constexpr std::size_t kMaxDepth = 32, kMaxStanza = 64 << 10;
constexpr std::chrono::seconds kKeepAlive{60};
constexpr std::string_view kNotRead =
    "I can't read encrypted messages. Please switch encryption (OMEMO) off for this chat, or use the chat page.";

struct Element {
  std::string name;  // without prefix
  std::map<std::string, std::string> attributes;
  std::string text;
  std::vector<Element> children;

  [[nodiscard]] std::string attribute(const std::string& key) const {
    auto it = attributes.find(key);
    return it == attributes.end() ? "" : it->second;
  }
  [[nodiscard]] const Element* child(std::string_view wanted) const {
    for (const Element& c : children)
      if (c.name == wanted) return &c;
    return nullptr;
  }
};

std::string bare(const std::string& jid) { return jid.substr(0, jid.find('/')); }

// One XML stream: the root's start, then each of its children whole.
class Stanzas {
 public:
  Stanzas() : parser_(XML_ParserCreate("UTF-8"), &XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Stanzas::started, &Stanzas::ended);
    XML_SetCharacterDataHandler(parser_.get(), &Stanzas::characters);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &Stanzas::doctype);
  }
  bool feed(std::string_view bytes) {
    return XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), XML_FALSE) == XML_STATUS_OK &&
           !refused_;
  }
  std::vector<Element> whole;
  std::string stream_id;
  bool begun = false, over = false;

 private:
  static Stanzas& self(void* data) { return *static_cast<Stanzas*>(data); }
  static void started(void* data, const char* name, const char** attributes) {
    Stanzas& s = self(data);
    Element e;
    std::string_view full(name);
    e.name = full.substr(full.find(':') == std::string_view::npos ? 0 : full.find(':') + 1);
    for (; *attributes != nullptr; attributes += 2) e.attributes[attributes[0]] = attributes[1];
    if (!s.begun) {
      s.begun = true;
      s.stream_id = e.attribute("id");
      return;
    }
    if (s.open_.size() >= kMaxDepth) return s.refuse();
    s.open_.push_back(std::move(e));
  }
  static void ended(void* data, const char*) {
    Stanzas& s = self(data);
    if (s.open_.empty()) {
      s.over = true;
      return;
    }
    Element e = std::move(s.open_.back());
    s.open_.pop_back();
    if (s.open_.empty()) {
      s.size_ = 0;
      s.whole.push_back(std::move(e));
    } else {
      s.open_.back().children.push_back(std::move(e));
    }
  }
  static void characters(void* data, const char* text, int length) {
    Stanzas& s = self(data);
    if (s.open_.empty()) return;
    s.size_ += static_cast<std::size_t>(length);
    if (s.size_ > kMaxStanza) return s.refuse();
    s.open_.back().text.append(text, static_cast<std::size_t>(length));
  }
  static void doctype(void* data, const char*, const char*, const char*, int) { self(data).refuse(); }
  void refuse() {
    refused_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  std::vector<Element> open_;
  std::size_t size_ = 0;
  bool refused_ = false;
};

class XmppStream final : public Connection {
 public:
  explicit XmppStream(const Channel& channel) : channel_(channel), me_(jid_of(channel)) {}

  [[nodiscard]] std::string url() const override { return "stream://" + channel_.setting("server"); }
  [[nodiscard]] bool ready() const override { return ready_; }

  Heard opened(Time now) override {
    stanzas_ = std::make_unique<Stanzas>();
    ready_ = shown_ = false;
    spoke_ = now;
    Heard out;
    out.say.push_back(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
        "xmlns:stream='http://etherx.jabber.org/streams' to='" +
        escape_attribute(channel_.setting("domain")) + "'>");
    return out;
  }

  Heard heard(std::string_view bytes, Time now) override {
    Heard out;
    spoke_ = now;
    bool sound = stanzas_->feed(bytes);
    if (stanzas_->begun && !std::exchange(shown_, stanzas_->begun))
      out.say.push_back("<handshake>" + sha1_hex(stanzas_->stream_id + channel_.secret("component_secret").reveal()) +
                        "</handshake>");
    for (const Element& e : std::exchange(stanzas_->whole, {})) stanza(e, now, out);
    out.reconnect = out.reconnect || !sound || stanzas_->over;
    return out;
  }

  Heard tick(Time now) override {
    Heard out;
    if (now - spoke_ < kKeepAlive) return out;
    spoke_ = now;
    out.say.emplace_back(" ");
    return out;
  }

  Heard closed(int) override {
    ready_ = false;
    return {};
  }

 private:
  void stanza(const Element& e, Time now, Heard& out) {
    if (e.name == "handshake") {
      ready_ = true;
    } else if (e.name == "error") {
      std::string why = e.children.empty() ? "" : e.children.front().name;
      out.reconnect = true;
      if (why == "not-authorized" || why == "host-unknown" || why == "conflict") out.broken = "XMPP: " + why;
    } else if (ready_ && e.name == "message") {
      message(e, now, out);
    } else if (ready_ && e.name == "presence") {
      presence(e, now, out);
    } else if (ready_ && e.name == "iq") {
      query(e, out);
    }
  }

  // Who was asked answers: the domain, or somebody in it.
  [[nodiscard]] std::string asked_of(const Element& asked) const {
    std::string to = asked.attribute("to");
    return asked.name == "iq" && !to.empty() ? to : me_;
  }

  [[nodiscard]] std::string reply(const char* name, const Element& to, const std::string& attributes,
                                  const std::string& inside) const {
    std::string by = asked_of(to);
    std::string out =
        "<" + std::string(name) + " from='" + escape_attribute(by) + "' to='" +
        escape_attribute(name == std::string_view("iq") ? to.attribute("from") : bare(to.attribute("from"))) + "'" +
        attributes;
    return inside.empty() ? out + "/>" : out + ">" + inside + "</" + name + ">";
  }

  void message(const Element& e, Time now, Heard& out) {
    std::string type = e.attribute("type"), id = e.attribute("id");
    const Element *body = e.child("body"), *replaces = e.child("replace");
    Update u;
    u.contact = bare(e.attribute("from"));
    u.language = e.attribute("xml:lang").substr(0, 2);
    u.id = u.contact + ":" +
           (id.empty() ? sha1_hex((body == nullptr ? "" : body->text) + std::to_string(now.time_since_epoch().count()))
                       : id);
    if (u.contact.empty() || type == "groupchat" || type == "headline") return;
    if (type == "error") {
      const Element* error = e.child("error");
      bool gone = error != nullptr && (error->child("item-not-found") != nullptr || error->child("gone") != nullptr);
      u.kind = Kind::blocked;
      if (gone) out.add(std::move(u));
      return;
    }
    if (e.child("encrypted") != nullptr) {
      out.say.push_back(reply("message", e, " type='chat'", "<body>" + std::string(kNotRead) + "</body>"));
      return;
    }
    if (body == nullptr || body->text.empty()) return;  // typing, receipts, markers
    if (e.child("request") != nullptr && !id.empty())
      out.say.push_back(
          reply("message", e, "", "<received xmlns='urn:xmpp:receipts' id='" + escape_attribute(id) + "'/>"));
    u.text = body->text;
    if (replaces != nullptr) u.kind = Kind::edited;
    out.add(std::move(u));
  }

  void presence(const Element& e, Time now, Heard& out) {
    std::string type = e.attribute("type");
    Update u;
    u.contact = bare(e.attribute("from"));
    if (u.contact.empty()) return;
    if (type == "subscribe") {
      out.say.push_back(reply("presence", e, " type='subscribed'", ""));
      out.say.push_back(reply("presence", e, "", ""));
      u.kind = Kind::began;
      u.id = "subscribe:" + u.contact;
      out.add(std::move(u));
    } else if (type == "unsubscribe" || type == "unsubscribed") {
      u.kind = Kind::blocked;
      u.id = type + ":" + u.contact + ":" + std::to_string(now.time_since_epoch().count());
      out.add(std::move(u));
    } else if (type == "probe") {
      out.say.push_back(reply("presence", e, "", ""));
    }
  }

  void query(const Element& e, Heard& out) {
    std::string type = e.attribute("type"), id = " id='" + escape_attribute(e.attribute("id")) + "'";
    if (type != "get" && type != "set") return;
    const Element* asked = e.children.empty() ? nullptr : &e.children.front();
    std::string space = asked == nullptr ? "" : asked->attribute("xmlns");
    if (type == "get" && space == "urn:xmpp:ping") {
      out.say.push_back(reply("iq", e, id + " type='result'", ""));
    } else if (type == "get" && space == "http://jabber.org/protocol/disco#info") {
      out.say.push_back(
          reply("iq", e, id + " type='result'",
                "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' type='bot' "
                "name='Steady'/><feature var='http://jabber.org/protocol/disco#info'/><feature var='urn:xmpp:ping'/>"
                "<feature var='urn:xmpp:receipts'/></query>"));
    } else {
      out.say.push_back(reply("iq", e, id + " type='error'",
                              "<error type='cancel'><service-unavailable "
                              "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"));
    }
  }

  Channel channel_;
  std::string me_;
  std::unique_ptr<Stanzas> stanzas_;
  bool ready_ = false, shown_ = false;
  Time spoke_{};
};

}  // namespace

std::unique_ptr<Connection> xmpp_stream(const Channel& channel) { return std::make_unique<XmppStream>(channel); }

}  // namespace adapters
