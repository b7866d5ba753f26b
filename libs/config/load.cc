#include "libs/config/load.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/config/nearest.h"
#include "libs/config/parse.h"
#include "libs/config/yaml.h"

namespace frontdesk::config {
namespace {

constexpr size_t kMaxSecretBytes = 64 * 1024;

struct Flag {
  std::string name;
  std::string value;
  bool has_value = false;
};

std::string EnvName(std::string_view service, std::string_view key) {
  std::string name = fmt::format("FRONTDESK_{}_{}", service, key);
  for (char& c : name) {
    c = c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

absl::StatusOr<std::string> ReadSecret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(ToAbsl("cannot open " + path));
  std::string secret(kMaxSecretBytes + 1, '\0');
  file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<size_t>(file.gcount()));
  if (secret.size() > kMaxSecretBytes) {
    return absl::InvalidArgumentError(ToAbsl(path + " is too large for a secret"));
  }
  // Editors and `echo` end a file with a line break that is no part of the secret.
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return absl::InvalidArgumentError(ToAbsl(path + " is empty"));
  return secret;
}

// One loading: collects all problems instead of stopping at the first.
class Loader {
 public:
  Loader(Fields& fields, const LoadOptions& options) : fields_(fields), options_(options) {}

  absl::StatusOr<Loaded> Run() {
    CheckEnvNames();
    ReadArgs();
    Loaded loaded;
    if (help_) {
      loaded.print = HelpText();
      return loaded;
    }
    ApplyFile();
    ApplyEnv(loaded);
    for (const Flag& flag : flags_) ApplyFlag(flag);
    ReadSecrets();
    for (const Field& field : fields_.all()) NoteProblem("", field.CheckRequired());
    if (!problems_.empty()) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kInvalidConfig,
                   fmt::format("{}", fmt::join(problems_, "\n")));
    }
    if (print_config_) loaded.print = PrintSection("", 0);
    return loaded;
  }

 private:
  struct Origin {
    std::string source = "default";
    std::string secret_path;
  };

  void CheckEnvNames() const {
    std::set<std::string> names = {EnvName(options_.service, "config")};
    for (const Field& field : fields_.all()) {
      const std::string name = EnvName(options_.service, field.key());
      FD_CHECK(names.insert(name).second, "two options share the variable {}", name);
    }
  }

  void NoteProblem(std::string_view where, const absl::Status& status) {
    if (status.ok()) return;
    problems_.push_back(where.empty() ? std::string(MessageOf(status))
                                      : fmt::format("{}: {}", where, MessageOf(status)));
  }

  void ReadArgs() {
    const std::vector<std::string>& args = options_.args;
    for (size_t i = 0; i < args.size(); ++i) {
      const std::string_view arg = args[i];
      if (arg == "--help" || arg == "-h") {
        help_ = true;
        continue;
      }
      if (arg == "--print-config" || arg == "--print_config") {
        print_config_ = true;
        continue;
      }
      if (arg.size() < 3 || arg.substr(0, 2) != "--") {
        problems_.push_back(fmt::format("unexpected argument '{}'", arg));
        continue;
      }
      Flag flag;
      const size_t equals = std::min(arg.find('='), arg.size());
      flag.name = arg.substr(2, equals - 2);
      std::replace(flag.name.begin(), flag.name.end(), '-', '_');
      if (equals < arg.size()) {
        flag.value = arg.substr(equals + 1);
        flag.has_value = true;
      } else if (TakesNext(flag.name) && i + 1 < args.size() && args[i + 1].rfind("--", 0) != 0) {
        flag.value = args[++i];
        flag.has_value = true;
      }
      if (flag.name == "config") {
        config_flag_ = flag;
      } else {
        flags_.push_back(std::move(flag));
      }
    }
  }

  // `--verbose` alone is true, so a bool flag takes its value only after an equals sign.
  bool TakesNext(const std::string& name) {
    const Field* field = fields_.Find(name);
    return field == nullptr || !field->is_bool();
  }

  void ApplyFile() {
    std::string path = options_.default_file;
    bool named = false;
    const auto env = options_.env.find(EnvName(options_.service, "config"));
    if (env != options_.env.end()) {
      path = env->second;
      named = true;
    }
    if (config_flag_) {
      if (!config_flag_->has_value) problems_.push_back("--config: needs a value");
      path = config_flag_->value;
      named = true;
    }
    if (path.empty()) return;
    const auto root = ReadYamlFile(path);
    if (!root.ok()) {
      if (named || !absl::IsNotFound(root.status())) NoteProblem("", root.status());
      return;
    }
    file_ = path;
    if (root->IsNull()) return;
    if (!root->IsMap()) return NoteProblem("", root->ErrorHere("expected a map of options"));
    ApplySection(*root, "");
  }

  void ApplySection(const Node& section, const std::string& prefix) {
    for (const auto& [key, value] : section.entries()) {
      const std::string path = prefix + key;
      if (Field* field = fields_.Find(path); field != nullptr) {
        ApplyNode(*field, value);
      } else if (!IsSection(path)) {
        NoteProblem("", value.ErrorHere(UnknownText("key", path)));
      } else if (value.IsMap()) {
        ApplySection(value, path + ".");
      } else if (!value.IsNull()) {
        NoteProblem("", value.ErrorHere(fmt::format("{}: expected a map of options", path)));
      }
    }
  }

  void ApplyNode(Field& field, const Node& node) {
    absl::Status status;
    if (node.IsScalar()) {
      status = Set(field, node.scalar());
    } else if (const auto items = node.AsStrings(); items.ok()) {
      status = field.SetList(*items);
    } else {
      status = absl::InvalidArgumentError(ToAbsl(fmt::format("expected a {}", field.type_name())));
    }
    if (!status.ok()) {
      return NoteProblem("", node.ErrorHere(fmt::format("{}: {}", field.key(), MessageOf(status))));
    }
    origins_[&field].source = fmt::format("{}:{}", file_, node.line());
  }

  bool IsSection(const std::string& path) const {
    const std::string prefix = path + ".";
    return std::any_of(fields_.all().begin(), fields_.all().end(),
                       [&](const Field& field) { return field.name().rfind(prefix, 0) == 0; });
  }

  std::string UnknownText(std::string_view what, const std::string& name) const {
    for (const Field& field : fields_.all()) {
      if (field.secret() && field.name() == name) {
        return fmt::format("{} is a secret: put it into a file and name that with {}", name,
                           field.key());
      }
    }
    return fmt::format("unknown {} '{}'{}", what, name, DidYouMean(name, fields_.Keys()));
  }

  void ApplyEnv(Loaded& loaded) {
    std::set<std::string> known = {EnvName(options_.service, "config")};
    for (Field& field : fields_.all()) {
      const std::string name = EnvName(options_.service, field.key());
      known.insert(name);
      const auto found = options_.env.find(name);
      if (found == options_.env.end()) continue;
      const absl::Status status = Set(field, found->second);
      NoteProblem(name, status);
      if (status.ok()) origins_[&field].source = name;
    }
    const std::string prefix = EnvName(options_.service, "");
    for (auto it = options_.env.lower_bound(prefix);
         it != options_.env.end() && it->first.rfind(prefix, 0) == 0; ++it) {
      if (known.count(it->first) == 0) loaded.unknown_env.push_back(it->first);
    }
  }

  void ApplyFlag(const Flag& flag) {
    Field* field = fields_.Find(flag.name);
    if (field == nullptr) {
      problems_.push_back(UnknownText("flag", flag.name));
      return;
    }
    const std::string name = "--" + flag.name;
    if (!flag.has_value && !field->is_bool()) {
      problems_.push_back(name + ": needs a value");
      return;
    }
    const absl::Status status = Set(*field, flag.has_value ? flag.value : "true");
    NoteProblem(name, status);
    if (status.ok()) origins_[field].source = name;
  }

  // A secret's path only: files of layers that lose are never opened.
  absl::Status Set(Field& field, const std::string& text) {
    if (!field.secret()) return field.SetText(text);
    origins_[&field].secret_path = text;
    return absl::OkStatus();
  }

  void ReadSecrets() {
    for (Field& field : fields_.all()) {
      if (!field.secret() || origins_[&field].secret_path.empty()) continue;
      const auto secret = ReadSecret(origins_[&field].secret_path);
      NoteProblem(field.key(), secret.ok() ? field.SetText(*secret) : secret.status());
    }
  }

  std::string PrintField(const Field& field, std::string_view leaf, const std::string& margin) {
    const Origin& origin = origins_[&field];
    if (!field.secret()) {
      return fmt::format("{}{}: {}  # {}\n", margin, leaf, field.ValueText(), origin.source);
    }
    return fmt::format("{}{}_file: {}  # {}\n{}# {}: {}\n", margin, leaf, Quote(origin.secret_path),
                       origin.source, margin, leaf, field.ValueText());
  }

  // The fields below `prefix` in the order of their declaration, each section once.
  std::string PrintSection(const std::string& prefix, size_t depth) {
    std::string out;
    std::set<std::string> printed;
    const std::string margin(2 * depth, ' ');
    for (const Field& field : fields_.all()) {
      if (field.name().rfind(prefix, 0) != 0) continue;
      const std::string rest = field.name().substr(prefix.size());
      const size_t dot = rest.find('.');
      if (dot == std::string::npos) {
        out += PrintField(field, rest, margin);
      } else if (const std::string section = rest.substr(0, dot); printed.insert(section).second) {
        out += margin + section + ":\n" + PrintSection(prefix + section + ".", depth + 1);
      }
    }
    return out;
  }

  std::string HelpText() const {
    std::string out = fmt::format(
        "{0}: {1}\n\n"
        "Options come from, later ones winning: the defaults, the YAML file, the environment, the\n"
        "command line. A dot in a name is a section in the file and an underscore in a "
        "variable.\n\n"
        "  --config=FILE   the YAML file (variable {2})\n"
        "  --print-config  print the options in effect and where each comes from\n"
        "  --help          print this\n\n",
        options_.program, options_.summary, EnvName(options_.service, "config"));
    for (const Field& field : fields_.all()) {
      const std::string limits = field.LimitText();
      // A secret's default is none; what is shown for it is the path that the user gives.
      const std::string fallback = field.secret() ? "none" : field.ValueText();
      out += fmt::format("  --{}={}\n      {} Default: {}.{}\n", field.key(),
                         field.secret() ? "FILE" : field.type_name(), field.description(), fallback,
                         limits.empty() ? "" : fmt::format(" Allowed: {}.", limits));
    }
    return out;
  }

  Fields& fields_;
  const LoadOptions& options_;
  std::vector<Flag> flags_;
  std::optional<Flag> config_flag_;
  std::string file_;
  bool help_ = false;
  bool print_config_ = false;
  std::map<const Field*, Origin> origins_;
  std::vector<std::string> problems_;
};

}  // namespace

LoadOptions FromMain(std::string_view service, int argc, char** argv) {
  LoadOptions options;
  options.service = service;
  if (argc > 0) {
    const std::string_view path = argv[0];
    const size_t slash = path.rfind('/');
    options.program = slash == std::string_view::npos ? path : path.substr(slash + 1);
  }
  for (int i = 1; i < argc; ++i) options.args.emplace_back(argv[i]);
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    options.env.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return options;
}

absl::StatusOr<Loaded> Load(Fields& fields, const LoadOptions& options) {
  return Loader(fields, options).Run();
}

std::optional<int> LoadOrExitCode(Fields& fields, const LoadOptions& options) {
  const auto loaded = Load(fields, options);
  if (!loaded.ok()) {
    fmt::print(stderr, "{}\n", MessageOf(loaded.status()));
    return 2;
  }
  for (const std::string& name : loaded->unknown_env) {
    fmt::print(stderr, "the variable {} names no option and is ignored\n", name);
  }
  if (loaded->print.empty()) return std::nullopt;
  fmt::print("{}", loaded->print);
  return 0;
}

}  // namespace frontdesk::config
