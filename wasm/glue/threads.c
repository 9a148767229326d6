// Owns three functions of POSIX threads that openh264 refers to and that emscripten's single-threaded library lacks.
// With one thread, none of them is ever reached.
#include <pthread.h>
#include <semaphore.h>

int pthread_attr_setscope(pthread_attr_t *attributes, int scope) {
  (void)attributes;
  (void)scope;
  return 0;
}

int pthread_attr_setschedpolicy(pthread_attr_t *attributes, int policy) {
  (void)attributes;
  (void)policy;
  return 0;
}

int sem_timedwait(sem_t *semaphore, const struct timespec *deadline) {
  (void)deadline;
  return sem_wait(semaphore);
}
