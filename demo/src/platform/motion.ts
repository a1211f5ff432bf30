// Whether the visitor asked the system for less motion.

const query = matchMedia('(prefers-reduced-motion: reduce)')

export const prefersCalm = (): boolean => query.matches
