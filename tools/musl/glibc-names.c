// What Debian's libstdc++, which is made for glibc, asks for and musl 1.2.3 has not. It takes the place of glibc's
// loader, whose names libstdc++ looks for as well.
typedef unsigned long size_t;

extern long syscall(long number, ...);
extern size_t strftime_l(char *to, size_t size, const char *format, const void *time, void *locale);

char __libc_single_threaded = 0;
struct { unsigned int vendor, type, subtype, features; } __cpu_model;

unsigned int arc4random(void) {
  unsigned int value = 0;
  syscall(318 /* getrandom */, &value, sizeof value, 0);
  return value;
}

size_t __strftime_l(char *to, size_t size, const char *format, const void *time, void *locale) {
  return strftime_l(to, size, format, time, locale);
}

int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *handle) { return 0; }
int _dl_find_object(void *address, void *result) { return -1; }
int __cpu_indicator_init(void) { return 0; }
