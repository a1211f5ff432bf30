// Where data that was fetched once is kept.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where what was fetched is kept: `LANGEVIN_RNN_CACHE`, else the system's place for caches. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const own = environment['LANGEVIN_RNN_CACHE']
  if (own) return own
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'langevin-rnn', 'cache')
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'langevin-rnn')
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'langevin-rnn')
}
