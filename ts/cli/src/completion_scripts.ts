// Completion of commands, options, their names and file names, for bash, zsh and fish: scripts made from the tree of commands, which
// run nothing when a key is pressed.
import type { Argument, Command, Option } from 'commander'
import { quoted } from './shell.js'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

interface OptionWords {
  readonly flag: string
  readonly help: string
  /** Names that it takes; null when it takes anything else, undefined when it is a switch. */
  readonly values: readonly string[] | null | undefined
}

interface CommandWords {
  /** With the command that it is part of: `slurm sample`. */
  readonly name: string
  readonly help: string
  readonly options: readonly OptionWords[]
  /** Names that its first argument takes; null for files or anything else, undefined without arguments. */
  readonly argument: readonly string[] | null | undefined
  /** Whether its first argument is one of its own commands. */
  readonly group: boolean
}

/** The names that a parser made by `oneOf` knows. */
function namesOf({ parseArg }: Option | Argument): readonly string[] | null {
  return (parseArg as { names?: readonly string[] } | undefined)?.names ?? null
}

function commandWords(program: Command, before = ''): CommandWords[] {
  const help = program.createHelp()
  return help.visibleCommands(program).flatMap((command) => {
    const [argument] = command.registeredArguments
    const group = command.commands.length > 0
    const name = `${before}${command.name()}`
    const words = {
      name,
      help: firstLine(command.description()),
      options: help.visibleOptions(command).map((option) => ({
        flag: option.long ?? option.short!,
        help: firstLine(option.description),
        values: option.required || option.optional ? namesOf(option) : undefined,
      })),
      argument: group ? help.visibleCommands(command).map((one) => one.name()) : argument && namesOf(argument),
      group,
    }
    return group ? [words, ...commandWords(command, `${name} `)] : [words]
  })
}

const isTop = ({ name }: CommandWords): boolean => !name.includes(' ')

const firstLine = (text: string): string => text.split('\n')[0]!

export function completionScript(program: Command, shell: Shell): string {
  const commands = commandWords(program)
  if (shell === 'bash') return bash(program.name(), commands)
  return shell === 'zsh' ? zsh(program.name(), commands) : fish(program.name(), commands)
}

/** The commands that have commands of their own, as a pattern. */
const groups = (commands: readonly CommandWords[]): string =>
  commands
    .filter(({ group }) => group)
    .map(({ name }) => name)
    .join('|')

const functionName = (name: string): string => `_${name.replaceAll('-', '_')}`

function bash(program: string, commands: readonly CommandWords[]): string {
  const cases = commands.flatMap(({ name, options, argument }) => {
    const valued = options.filter(({ values }) => values)
    const anything = options.filter(({ values }) => values === null).map(({ flag }) => flag)
    return [
      `    ${quoted(name)})`,
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
    words=${quoted(
      commands
        .filter(isTop)
        .map(({ name }) => name)
        .join(' '),
    )}
  else
    local command=\${COMP_WORDS[1]}
    case "$command" in
      ${groups(commands)}) if (( COMP_CWORD > 2 )); then command+=" \${COMP_WORDS[2]}"; fi ;;
    esac
    case "$command" in
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
  const names = commands.filter(isTop).map(({ name, help }) => `    ${quoted(`${name}:${colon(help)}`)}`)
  const cases = commands.flatMap(({ name, options, argument }) => [
    `    ${quoted(name)})`,
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
  local command=$words[1]
  shift words
  (( CURRENT-- ))
  if [[ $command == (${groups(commands)}) ]] && (( CURRENT > 2 )); then
    command+=" $words[2]"
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == ${functionName(program)} ]]; then ${functionName(program)} "$@"; else compdef ${functionName(program)} ${program}; fi
`
}

function fish(program: string, commands: readonly CommandWords[]): string {
  const lines = [`complete -c ${program} -f`]
  for (const { name, help, options, argument, group } of commands) {
    const [first, second] = name.split(' ')
    const seen = `__fish_seen_subcommand_from ${first}`
    if (second === undefined)
      lines.push(`complete -c ${program} -n __fish_use_subcommand -a ${first} -d ${quoted(help)}`)
    // Where a group has a command of the same name, that one is meant.
    const inGroups = commands.filter((one) => one.name.endsWith(` ${first}`)).map((one) => one.name.split(' ')[0])
    const others = group ? argument! : inGroups
    const own = others.length > 0 ? `; and not __fish_seen_subcommand_from ${others.join(' ')}` : ''
    const within = `complete -c ${program} -n '${seen}${second === undefined ? own : `; and __fish_seen_subcommand_from ${second}`}'`
    if (argument) lines.push(`${within} -a ${quoted(argument.join(' '))}`)
    else if (argument === null) lines.push(`${within} -F`)
    for (const { flag, help, values } of options) {
      const value = values === undefined ? '' : values === null ? ' -rF' : ` -xa ${quoted(values.join(' '))}`
      lines.push(`${within} -l ${flag.replace(/^--/, '')}${value} -d ${quoted(help)}`)
    }
  }
  return `# fish completion of ${program}; for one session: ${program} completion fish | source\n${lines.join('\n')}\n`
}
