/**
 * Milliseconds of processor time of this process from here on: for bounds on what something may cost, which another program's
 * work does not break as it does those on the clock.
 */
export function startCpuClock(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
