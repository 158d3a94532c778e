/** What of this process's own arguments its threads and children need to find their modules: what it loads before its main is not for them. */
export function moduleArguments(): string[] {
  return process.execArgv.filter((argument) => /^--(conditions|disable-warning)=/.test(argument));
}
