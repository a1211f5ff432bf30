// Completion of commands, options, their names and file names, for bash, zsh and fish: scripts made from the tree of commands, which
// run nothing when a key is pressed.
import type { Argument, Command, Option } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

interface OptionWords {
  readonly flag: string
  readonly help: string
  /** Names that it takes; null when it takes anything else, undefined when it is a switch. */
  readonly values: readonly string[] | null | undefined
}

interface CommandWords {
  readonly name: string
  readonly help: string
  readonly options: readonly OptionWords[]
  /** Names that its first argument takes; null for files or anything else, undefined without arguments. */
  readonly argument: readonly string[] | null | undefined
}

/** The names that a parser made by `oneOf` knows. */
function namesOf({ parseArg }: Option | Argument): readonly string[] | null {
  return (parseArg as { names?: readonly string[] } | undefined)?.names ?? null
}

function commandWords(program: Command): CommandWords[] {
  const help = program.createHelp()
  return help.visibleCommands(program).map((command) => {
    const [argument] = command.registeredArguments
    return {
      name: command.name(),
      help: firstLine(command.description()),
      options: help.visibleOptions(command).map((option) => ({
        flag: option.long ?? option.short!,
        help: firstLine(option.description),
        values: option.required || option.optional ? namesOf(option) : undefined,
      })),
      argument: argument && namesOf(argument),
    }
  })
}

const firstLine = (text: string): string => text.split('\n')[0]!

export function completionScript(program: Command, shell: Shell): string {
  const commands = commandWords(program)
  if (shell === 'bash') return bash(program.name(), commands)
  return shell === 'zsh' ? zsh(program.name(), commands) : fish(program.name(), commands)
}

const functionName = (name: string): string => `_${name.replaceAll('-', '_')}`
/** A word as a shell takes it, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function bash(program: string, commands: readonly CommandWords[]): string {
  const cases = commands.flatMap(({ name, options, argument }) => {
    const valued = options.filter(({ values }) => values)
    const anything = options.filter(({ values }) => values === null).map(({ flag }) => flag)
    return [
      `    ${name})`,
      '      case "$before" in',
      ...valued.map(({ flag, values }) => `        ${flag}) words=${quoted(values!.join(' '))} ;;`),
      ...(anything.length > 0 ? [`        ${anything.join('|')}) files=1 ;;`] : []),
      `        *) words=${quoted(options.map(({ flag }) => flag).join(' '))}`,
      `           [[ $current == -* ]] || { words=${quoted((argument ?? []).join(' '))}; files=${argument === null ? 1 : ''}; } ;;`,
      '      esac ;;',
    ]
  })
  return `# bash completion of ${program}; for one session: eval "$(${program} completion bash)"
${functionName(program)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words='' files=''
  if (( COMP_CWORD == 1 )); then
    words=${quoted(commands.map(({ name }) => name).join(' '))}
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=()
  if [[ -n $words ]]; then mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"); fi
  if [[ -n $files ]]; then mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current"); fi
}
complete -o filenames -F ${functionName(program)} ${program}
`
}

function zsh(program: string, commands: readonly CommandWords[]): string {
  const colon = (text: string) => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:')
  const bracket = (text: string) => colon(text).replaceAll('[', '\\[').replaceAll(']', '\\]')
  const names = commands.map(({ name, help }) => `    ${quoted(`${name}:${colon(help)}`)}`)
  const cases = commands.flatMap(({ name, options, argument }) => [
    `    ${name})`,
    '      _arguments \\',
    ...options.map(({ flag, help, values }) => {
      const value = values === undefined ? '' : values === null ? ':value:_files' : `:name:(${values.join(' ')})`
      return `        ${quoted(`*${flag}[${bracket(help)}]${value}`)} \\`
    }),
    `        ${quoted(argument === undefined ? ':' : argument === null ? '*:file:_files' : `1:name:(${argument.join(' ')})`)} ;;`,
  ])
  return `#compdef ${program}
# zsh completion of ${program}: put it as ${functionName(program)} into a folder of $fpath, or for one session:
# eval "$(${program} completion zsh)"
${functionName(program)}() {
  local -a commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == ${functionName(program)} ]]; then ${functionName(program)} "$@"; else compdef ${functionName(program)} ${program}; fi
`
}

function fish(program: string, commands: readonly CommandWords[]): string {
  const lines = [`complete -c ${program} -f`]
  for (const { name, help, options, argument } of commands) {
    lines.push(`complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quoted(help)}`)
    const within = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`
    if (argument) lines.push(`${within} -a ${quoted(argument.join(' '))}`)
    else if (argument === null) lines.push(`${within} -F`)
    for (const { flag, help, values } of options) {
      const value = values === undefined ? '' : values === null ? ' -rF' : ` -xa ${quoted(values.join(' '))}`
      lines.push(`${within} -l ${flag.replace(/^--/, '')}${value} -d ${quoted(help)}`)
    }
  }
  return `# fish completion of ${program}; for one session: ${program} completion fish | source\n${lines.join('\n')}\n`
}
