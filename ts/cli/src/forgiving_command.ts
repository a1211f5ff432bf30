// Commands that tell of a misspelt option before one that is missing: it may well be the same.
import { Command, type Option } from 'commander'

declare module 'commander' {
  interface Command {
    missingMandatoryOptionValue(option: Option): void
    unknownOption(flag: string): void
  }
}

export class ForgivingCommand extends Command {
  override createCommand(name?: string): Command {
    return new ForgivingCommand(name, this.given)
  }

  constructor(
    name: string | undefined,
    /** What stands on the command line. */
    private readonly given: readonly string[],
  ) {
    super(name)
  }

  override missingMandatoryOptionValue(option: Option): void {
    const flags = this.given.filter((text) => /^--[a-z]/.test(text)).map((text) => text.replace(/=.*/s, ''))
    const unknown = flags.find((flag) => !this.options.some(({ long }) => long === flag))
    if (unknown !== undefined) this.unknownOption(unknown)
    super.missingMandatoryOptionValue(option)
  }
}
