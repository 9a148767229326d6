// Owns the two functions that LLVM 17 and later call for setjmp and that emscripten 3.1.6's runtime does not have yet:
// a jump buffer remembers which call of which function it belongs to, and the label to continue at.
#include <stdint.h>

struct jump_buffer {
  void *invocation;
  uint32_t label;
};

void __wasm_setjmp(struct jump_buffer *buffer, uint32_t label, void *invocation) {
  buffer->invocation = invocation;
  buffer->label = label;
}

uint32_t __wasm_setjmp_test(struct jump_buffer *buffer, void *invocation) {
  return buffer->invocation == invocation ? buffer->label : 0;
}
