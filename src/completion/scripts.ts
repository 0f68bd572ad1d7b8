/**
 * What a shell runs to complete a command line of flowlog. Each asks `flowlog complete` with the words so far and is given a
 * candidate a line, what it means behind a tab; the line `:files` asks for paths as well.
 */
export const SCRIPTS = {
  // Without mapfile, and without compopt where there is none: the bash of macOS is of 2007.
  bash: `_flowlog() {
  local current=\${COMP_WORDS[COMP_CWORD]} value files=
  [[ $current == = ]] && current=
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    if [[ $value == :files ]]; then files=1; continue; fi
    printf -v value %q "$value"
    COMPREPLY+=("$value")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" </dev/null 2>/dev/null)
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$current")
  fi
}
complete -F _flowlog flowlog
`,

  zsh: `#compdef flowlog
_flowlog() {
  local value about files=
  local -a described
  while IFS=$'\\t' read -r value about; do
    if [[ $value == :files ]]; then files=1; continue; fi
    described+=("\${value//:/\\\\:}\${about:+:$about}")
  done < <("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" </dev/null 2>/dev/null)
  (( $#described )) && _describe -V flowlog described
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _flowlog ]]; then _flowlog "$@"; else compdef _flowlog flowlog; fi
`,

  fish: `function __flowlog_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in ($before[1] complete -- $before[2..] "$current" </dev/null 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c flowlog -f -a '(__flowlog_complete)'
`,
} as const;

export type Shell = keyof typeof SCRIPTS;
export const SHELLS = Object.keys(SCRIPTS) as Shell[];
