import { describe, expect, it } from 'vitest';
import { defaultClaimPort, defaultPorts } from './ports.ts';

/** Where Linux begins to give ports to outgoing connections (Documentation/networking/ip-sysctl: `ip_local_port_range`). */
const firstEphemeral = 32_768;

describe('the usual ports', () => {
  it.each(Object.entries({ ...defaultPorts, command: defaultClaimPort }))(
    'of %s is one that no passing connection is given',
    (_, port) => {
      expect(port).toBeLessThan(firstEphemeral);
    },
  );

  it('are all different', () => {
    const ports = [...Object.values(defaultPorts), defaultClaimPort];
    expect(new Set(ports).size).toBe(ports.length);
  });
});
