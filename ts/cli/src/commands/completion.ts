// `langevin-rnn completion SHELL`: the script that completes commands, options and names in a shell.
import type { Command } from 'commander'
import { completionScript, SHELLS, type Shell } from '../completion_scripts.js'
import { addExamples } from '../flags.js'
import type { Host } from '../host.js'
import { oneOf } from '../options.js'

export function addCompletion(program: Command, host: Host): void {
  const command = program
    .command('completion')
    .description('print a script that completes commands, options and names in a shell')
    .argument('<shell>', SHELLS.join(', '), oneOf('shell', SHELLS))
    .option('--json', 'print one JSON document with the shell and the script')
  addExamples(command, [
    ['completion bash > ~/.local/share/bash-completion/completions/langevin-rnn', 'for all sessions of bash'],
    ['completion fish > ~/.config/fish/completions/langevin-rnn.fish', 'for all sessions of fish'],
  ])
  command.action((shell: Shell, { json }: { json?: boolean }) => {
    const script = completionScript(program, shell)
    host.stdout.write(json ? `${JSON.stringify({ shell, script }, null, 2)}\n` : script)
  })
}
