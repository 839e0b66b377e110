/** With this exit code the server asks its supervisor for a new process. */
export const RESTART_EXIT_CODE = 75;
