// Owns what a person has to do so that a GPU is used, from what was found. Pure.
import { hasWorkingGpu, type DeviceFinding, type Findings } from './findings.ts';

const install = (...packages: readonly string[]): string =>
  `sudo apt-get install --no-install-recommends ${packages.join(' ')}`;

/** For the native engine with VA-API, on Debian and Ubuntu. */
const packages = [
  'g++',
  'pkg-config',
  'libavcodec-dev',
  'libavutil-dev',
  'libva-dev',
  'libdrm-dev',
  'libyuv-dev',
  'libopenh264-dev',
  'libvpx-dev',
];

/** One paragraph for each thing that is missing; none when a GPU works. */
export function advice(findings: Findings): readonly string[] {
  if (hasWorkingGpu(findings)) return [];
  if (findings.platform !== 'linux')
    return ['GPUs are used on Linux only. Elsewhere WebAssembly makes the pictures.'];
  return [
    ...(findings.devices.length === 0
      ? [
          'If this machine has no GPU, nothing is to be done. If it has, Linux shows none: there is no render node below ' +
            '/dev/dri. Either its kernel driver is not loaded (i915 or xe for Intel, amdgpu for AMD), which this tells:\n' +
            '  lspci -k | grep -A 3 -E "VGA|Display"\n' +
            'or this is a container or a virtual machine that was not given the device: deploy/GPU.md, "Containers and ' +
            'Kubernetes".',
        ]
      : []),
    ...findings.devices.flatMap((device) => adviceFor(device, findings)),
    ...(findings.hasAddon
      ? []
      : [
          'The native engine is not built. A GPU needs it, and without a GPU it makes pictures with the codecs of this ' +
            `machine (cpu):\n  ${install(...packages)}\n  npm run build:native`,
        ]),
  ];
}

function adviceFor(
  { path, access, driver, reports }: DeviceFinding,
  { drivers, hasAddon }: Findings,
): readonly string[] {
  if (access === 'denied') {
    return [
      `This user may not open ${path}. Its group is mostly called render:\n  sudo usermod -aG render "$USER"\n` +
        'and log in again; a service gets it by SupplementaryGroups=render.',
    ];
  }
  const wanted = driverOf(driver);
  if (
    wanted !== undefined &&
    !drivers.some((file) => wanted.files.some((name) => file.endsWith(`/${name}`)))
  ) {
    return [`There is no driver for VA-API that knows ${path} (${driver ?? ''}):\n  ${wanted.remedy}`];
  }
  const said = reports.flatMap((report) => (report.outcome === 'fails' ? [report.reason] : []));
  return hasAddon && said.length > 0
    ? [
        `${path} does not work: ${[...new Set(said)].join('; ')}. To see whether its driver works by itself (package ` +
          `vainfo):\n  vainfo --display drm --device ${path}`,
      ]
    : [];
}

function driverOf(
  kernelDriver: string | undefined,
): { readonly files: readonly string[]; readonly remedy: string } | undefined {
  switch (kernelDriver) {
    case 'i915':
      return {
        files: ['iHD_drv_video.so', 'i965_drv_video.so'],
        remedy: `${install('intel-media-va-driver')}   (before Broadwell: i965-va-driver)`,
      };
    case 'xe':
      return { files: ['iHD_drv_video.so'], remedy: install('intel-media-va-driver') };
    case 'amdgpu':
    case 'radeon':
      return { files: ['radeonsi_drv_video.so', 'r600_drv_video.so'], remedy: install('mesa-va-drivers') };
    default:
      return undefined;
  }
}
