// Words as a shell takes them, whatever is in them.

/** One word: as it is where nothing in it means anything to a shell, else in single quotes. */
export const quoted = (word: string): string =>
  /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
