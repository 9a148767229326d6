// Owns the pretence that the machine has DRM render nodes, for one process: preloaded (LD_PRELOAD), it leads paths like
// /dev/dri/renderD128 to files that a test made, and answers libdrm's questions about them. Nothing here draws
// anything.
//
// SLUICE_TEST_GPU_PATHS is `from=to` with colons between, for example
// /dev/dri=/tmp/x/dri:/sys/class/drm=/tmp/x/drm:/proc/self/fdinfo=/tmp/x/fdinfo.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xf86drm.h>

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

/** The path itself, or where the test wants it to lead, in `buffer`. */
static const char *led(const char *path, char buffer[PATH_MAX]) {
  const char *rule = getenv("SLUICE_TEST_GPU_PATHS");
  while (path && rule && *rule) {
    const char *equals = strchr(rule, '=');
    if (!equals) break;
    const char *end = strchrnul(equals, ':');
    const size_t length = (size_t)(equals - rule);
    if (strncmp(path, rule, length) == 0 && (path[length] == '/' || path[length] == 0)) {
      const int written = snprintf(buffer, PATH_MAX, "%.*s%s", (int)(end - equals - 1), equals + 1, path + length);
      if (written > 0 && written < PATH_MAX) return buffer;
    }
    rule = *end ? end + 1 : end;
  }
  return path;
}

static mode_t modeOf(int flags, va_list *arguments) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(*arguments, mode_t) : 0;
}

#define OPEN(name)                                     \
  int name(const char *path, int flags, ...) {         \
    char buffer[PATH_MAX];                             \
    va_list arguments;                                 \
    va_start(arguments, flags);                        \
    const mode_t mode = modeOf(flags, &arguments);     \
    va_end(arguments);                                 \
    return REAL(name)(led(path, buffer), flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                           \
  int name(int folder, const char *path, int flags, ...) {     \
    char buffer[PATH_MAX];                                     \
    va_list arguments;                                         \
    va_start(arguments, flags);                                \
    const mode_t mode = modeOf(flags, &arguments);             \
    va_end(arguments);                                         \
    return REAL(name)(folder, led(path, buffer), flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                \
  FILE *name(const char *path, const char *mode) { \
    char buffer[PATH_MAX];                         \
    return REAL(name)(led(path, buffer), mode);    \
  }
FOPEN(fopen)
FOPEN(fopen64)

int access(const char *path, int mode) {
  char buffer[PATH_MAX];
  return REAL(access)(led(path, buffer), mode);
}

int stat(const char *path, struct stat *out) {
  char buffer[PATH_MAX];
  return REAL(stat)(led(path, buffer), out);
}

int lstat(const char *path, struct stat *out) {
  char buffer[PATH_MAX];
  return REAL(lstat)(led(path, buffer), out);
}

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *out) {
  char buffer[PATH_MAX];
  return REAL(statx)(folder, led(path, buffer), flags, mask, out);
}

DIR *opendir(const char *path) {
  char buffer[PATH_MAX];
  return REAL(opendir)(led(path, buffer));
}

int scandir(const char *path, struct dirent ***list, int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **)) {
  char buffer[PATH_MAX];
  return REAL(scandir)(led(path, buffer), list, filter, compare);
}

int scandir64(const char *path, struct dirent64 ***list, int (*filter)(const struct dirent64 *),
              int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  char buffer[PATH_MAX];
  return REAL(scandir64)(led(path, buffer), list, filter, compare);
}

ssize_t readlink(const char *path, char *out, size_t bytes) {
  char buffer[PATH_MAX];
  return REAL(readlink)(led(path, buffer), out, bytes);
}

char *realpath(const char *path, char *out) {
  char buffer[PATH_MAX];
  return REAL(realpath)(led(path, buffer), out);
}

/** Node asks for statx without libc's function of that name. */
long syscall(long number, ...) {
  va_list arguments;
  va_start(arguments, number);
  long values[6];
  for (int i = 0; i < 6; i++) values[i] = va_arg(arguments, long);
  va_end(arguments);
  char buffer[PATH_MAX];
  if (number == SYS_statx) values[1] = (long)led((const char *)values[1], buffer);
  return REAL(syscall)(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

/** The number of the render node that the descriptor is open on, say 128; -1 when it is none. */
static int nodeOf(int fd) {
  char link[64], target[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = REAL(readlink)(link, target, sizeof target - 1);
  if (length <= 0) return -1;
  target[length] = 0;
  const char *name = strrchr(target, '/');
  int node = -1;
  return name && sscanf(name, "/renderD%d", &node) == 1 ? node : -1;
}

int drmGetNodeTypeFromFd(int fd) { return nodeOf(fd) < 0 ? -ENODEV : DRM_NODE_RENDER; }

drmVersionPtr drmGetVersion(int fd) {
  if (nodeOf(fd) < 0) return NULL;
  drmVersionPtr version = calloc(1, sizeof *version);
  if (!version) return NULL;
  version->version_major = 1;
  version->version_minor = 6;
  version->name = strdup("i915");
  version->name_len = 4;
  version->date = strdup("20201103");
  version->date_len = 8;
  version->desc = strdup("not a GPU");
  version->desc_len = 9;
  return version;
}

void drmFreeVersion(drmVersionPtr version) {
  if (!version) return;
  free(version->name);
  free(version->date);
  free(version->desc);
  free(version);
}

char *drmGetRenderDeviceNameFromFd(int fd) {
  char name[64];
  const int node = nodeOf(fd);
  if (node < 0) return NULL;
  snprintf(name, sizeof name, "/dev/dri/renderD%d", node);
  return strdup(name);
}

/** A device and all that it points to, in one piece of memory. */
typedef struct {
  drmDevice device;
  drmPciBusInfo bus;
  drmPciDeviceInfo info;
  char *nodes[DRM_NODE_MAX];
  char name[64];
} FakeDevice;

int drmGetDevice2(int fd, uint32_t flags, drmDevicePtr *out) {
  (void)flags;
  const int node = nodeOf(fd);
  if (node < 0) return -ENODEV;
  FakeDevice *fake = calloc(1, sizeof *fake);
  if (!fake) return -ENOMEM;
  snprintf(fake->name, sizeof fake->name, "/dev/dri/renderD%d", node);
  fake->nodes[DRM_NODE_RENDER] = fake->name;
  fake->bus = (drmPciBusInfo){.domain = 0, .bus = 0, .dev = (uint8_t)(2 + node - 128), .func = 0};
  fake->info = (drmPciDeviceInfo){.vendor_id = 0x8086, .device_id = 0x56a0};
  fake->device = (drmDevice){.nodes = fake->nodes,
                             .available_nodes = 1 << DRM_NODE_RENDER,
                             .bustype = DRM_BUS_PCI,
                             .businfo.pci = &fake->bus,
                             .deviceinfo.pci = &fake->info};
  *out = &fake->device;
  return 0;
}

int drmGetDevice(int fd, drmDevicePtr *out) { return drmGetDevice2(fd, 0, out); }

void drmFreeDevice(drmDevicePtr *device) {
  if (!device) return;
  free(*device);
  *device = NULL;
}
