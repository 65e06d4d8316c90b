/**
 * The scripts that complete the tasks of this project in a shell. A script holds the whole table of
 * words: a call of Deno for each completion would take too long.
 *
 * @module
 */

import type { CompletionTable, SHELLS } from "./completion_table.ts";

/** The name of a shell. */
export type Shell = typeof SHELLS[number];

/** Returns the script for a shell. It applies to the tasks of the project in a folder. */
export function completionScript(shell: Shell, table: CompletionTable, project: string): string {
  return SCRIPTS[shell](table, quoted(project));
}

const SCRIPTS: Readonly<Record<Shell, (table: CompletionTable, project: string) => string>> = {
  bash: (table, project) => posixWords(table) + CHOICES + bash(project),
  zsh: (table, project) => posixWords(table) + CHOICES + zsh(project),
  fish: (table, project) => fishWords(table) + fish(project),
};

/** Returns a text as one word of any of the shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Returns the keys for each list of words, so that the script has each list once. */
function keysByWords(table: CompletionTable): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const [key, words] of table) {
    const text = words.join(" ");
    keys.set(text, [...keys.get(text) ?? [], key]);
  }
  return keys;
}

function posixWords(table: CompletionTable): string {
  const cases = [...keysByWords(table)].map(([words, keys]) =>
    `    ${keys.map(quoted).join("|")}) REPLY=${quoted(words)} ;;\n`
  );
  return `# Sets REPLY to the words of a key; fails without such a key.
_workbench_words() {
  REPLY=
  case "$1" in
${cases.join("")}    *) return 1 ;;
  esac
}
`;
}

/** Chooses words in bash and in zsh. */
const CHOICES = `
# Sets REPLY to the choices for the last argument; the others are what follows \`deno task\`.
_workbench_choices() {
  local task= workload= previous= node= word=
  while [ $# -gt 1 ]; do
    word=$1
    shift
    previous=$word
    if [ -z "$task" ]; then
      case "$word" in
        -c | --config | --cwd) [ $# -gt 1 ] && shift ;;
        -*) ;;
        *) task=$word && _workbench_words "workload $word" && workload=$REPLY ;;
      esac
    elif [ "$word" = -- ]; then
      node=yes
    elif [ -z "$node" ]; then
      _workbench_words "workload $word" && workload=$REPLY
      _workbench_words "flags $task $word" && task="$task $word"
    fi
  done
  REPLY=
  if [ -z "$task" ]; then
    _workbench_words tasks
    return
  fi
  [ -z "$node" ] || task="node $workload"
  [ "$previous" != --strategy ] || task="node $workload"
  _workbench_words "values $task $previous" && return
  case "$1" in
    -*) _workbench_words "flags $task" ;;
    *) _workbench_words "words $task" ;;
  esac
}
`;

function bash(project: string): string {
  return `
_workbench() {
  local line=\${COMP_LINE:0:COMP_POINT} project=${project} current prefix typed index
  read -ra typed <<< "$line"
  [[ $line == *[[:space:]] ]] && typed+=('')
  current=\${typed[\${#typed[@]} - 1]}
  if [[ \${#typed[@]} -lt 3 || \${typed[1]} != task ||
    ( "$PWD/" != "$project/"* && $line != *"$project/deno.json"* ) ]]; then
    [[ -z $_workbench_other ]] || "$_workbench_other" "$@"
    return
  fi
  if [[ $current == --*=* ]]; then
    typed[\${#typed[@]} - 1]=\${current%%=*}
    current=\${current#*=}
    typed+=("$current")
  fi
  _workbench_choices "\${typed[@]:2}"
  COMPREPLY=($(compgen -W "$REPLY" -- "$current"))
  # A colon begins a word of its own in bash, so only the part after it is inserted.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    prefix=\${current%"\${current##*:}"}
    for index in "\${!COMPREPLY[@]}"; do
      COMPREPLY[index]=\${COMPREPLY[index]#"$prefix"}
    done
  fi
}
# Everything else is completed by Deno's own script.
if [[ $(complete -p deno 2>/dev/null) =~ -F\\ ([^ ]+) && \${BASH_REMATCH[1]} != _workbench ]]; then
  _workbench_other=\${BASH_REMATCH[1]}
fi
complete -o bashdefault -o default -F _workbench deno
`;
}

function zsh(project: string): string {
  return `
_workbench() {
  local project=${project} REPLY
  local -a typed
  typed=("\${(@)words[1,CURRENT]}")
  if [[ \${#typed} -lt 3 || $typed[2] != task ||
    ( "$PWD/" != "$project/"* && "$typed" != *"$project/deno.json"* ) ]]; then
    [[ -z $_workbench_other ]] || "$_workbench_other" "$@"
    return
  fi
  if [[ $typed[-1] == --*=* ]]; then
    compset -P '*='
    typed[-1]=("\${typed[-1]%%=*}" "\${typed[-1]#*=}")
  fi
  _workbench_choices "\${(@)typed[3,-1]}"
  if [[ -n $REPLY ]]; then
    compadd -- \${=REPLY}
  else
    _files
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
# Everything else is completed by Deno's own script.
[[ \${_comps[deno]:-_workbench} == _workbench ]] || _workbench_other=$_comps[deno]
compdef _workbench deno
`;
}

function fishWords(table: CompletionTable): string {
  const cases = [...keysByWords(table)].map(([words, keys]) =>
    `    case ${keys.map(quoted).join(" ")}\n      ` +
    (words === "" ? "true\n" : `printf '%s\\n' ${words}\n`)
  );
  return `# Prints the words of a key; fails without such a key.
function _workbench_words
  switch "$argv"
${cases.join("")}    case '*'
      return 1
  end
end
`;
}

function fish(project: string): string {
  return `
# Whether the command line calls a task of the project.
function _workbench_applies
  set -l project ${project}
  set -l typed (commandline -opc)
  test (count $typed) -ge 2 -a "$typed[2]" = task; or return
  string match -q -- "$project/*" "$PWD/"; or string match -q -- "*$project/deno.json*" "$typed"
end

# Prints the choices for the word at the cursor.
function _workbench_choices
  set -l typed (commandline -opc)
  set -l task
  set -l workload
  set -l previous
  set -l node
  for word in $typed[3..]
    if test -z "$task"
      if not string match -q -- '-*' $word; and not contains -- "$previous" -c --config --cwd
        set task $word
        set workload (_workbench_words workload $word)
      end
    else if test "$word" = --
      set node yes
    else if test -z "$node"
      set -l found (_workbench_words workload $word); and set workload $found
      _workbench_words flags $task $word >/dev/null; and set task "$task $word"
    end
    set previous $word
  end
  if test -z "$task"
    _workbench_words tasks
    return
  end
  test -z "$node"; or set task "node $workload"
  set -l prefix ''
  if string match -qr -- '^--[a-z-]+=' (commandline -ct)
    set previous (string replace -r -- '=.*' '' (commandline -ct))
    set prefix "$previous="
  end
  test "$previous" = --strategy; and set task "node $workload"
  if set -l values (_workbench_words values $task $previous)
    test -n "$values"; and printf '%s\\n' $prefix$values
    or __fish_complete_path (commandline -ct)
  else if string match -q -- '-*' (commandline -ct)
    _workbench_words flags $task
  else
    _workbench_words words $task; or __fish_complete_path (commandline -ct)
  end
end

complete -c deno -f -n _workbench_applies -a '(_workbench_choices)'
`;
}
