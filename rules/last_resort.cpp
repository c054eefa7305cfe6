// The reply of last resort: compiled in, so that it needs no pack, no directory file and no store.
// Numbers: rules/directory (2026-11-24); tests/rules/directory_test.cpp holds the two together.
#include <array>

#include "rules/engine.hpp"

namespace rules {
namespace {

struct Line {
  std::string_view country, emergency, crisis;
};

constexpr std::array<Line, 16> kLines{{{"US", "911", "988 (call or text)"},
                                       {"CA", "911", "988 (call or text)"},
                                       {"GB", "999", "Samaritans 116 123"},
                                       {"IE", "112", "Samaritans 116 123"},
                                       {"AU", "000", "Lifeline 13 11 14"},
                                       {"NZ", "111", "1737 (call or text)"},
                                       {"ES", "112", "024"},
                                       {"FR", "112", "3114"},
                                       {"DE", "112", "TelefonSeelsorge 0800 111 0 111"},
                                       {"AT", "112", "TelefonSeelsorge 142"},
                                       {"NL", "112", "113"},
                                       {"IN", "112", "Tele-MANAS 14416"},
                                       {"BR", "192", "CVV 188"},
                                       {"MX", "911", "Línea de la Vida 800 911 2000"},
                                       {"JP", "119", "0120-279-338"},
                                       {"KR", "112", "109"}}};

}  // namespace

Reply last_resort(std::string_view country, std::string_view language) {
  Line line{"", "112, 911 or 999", "findahelpline.com"};
  for (const auto& l : kLines)
    if (l.country == country) line = l;
  Reply reply;
  reply.urgent = true;
  std::string emergency(line.emergency), crisis(line.crisis);
  if (language == "es") {
    reply.text = "No estoy funcionando bien, y no quiero dejarte sin nada.\nSi hay peligro ahora: " + emergency +
                 ". Para hablar con alguien: " + crisis + ". Soy un programa; escribe de nuevo en unos minutos.";
  } else {
    reply.text = "I'm not working properly right now, and I don't want to leave you with nothing.\nIn danger now: " + emergency +
                 ". To talk to someone: " + crisis + ". I'm a program; please write again in a few minutes.";
  }
  return reply;
}

}  // namespace rules
