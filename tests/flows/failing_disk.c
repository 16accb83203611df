/* Preloaded before a program: the SYNC-th fsync fails with EIO, the WRITE-th write to a file below
 * FAIL_UNDER with ENOSPC after half of it, once each. What was hit is told in the file FAIL_TOLD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int syncs, writes;

static int wanted(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static int under(int fd) {
    char link[64], path[4096];
    const char *root = getenv("FAIL_UNDER");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || root == NULL) return 0;
    path[length] = 0;
    return strncmp(path, root, strlen(root)) == 0;
}

static void told(const char *what) {
    const char *path = getenv("FAIL_TOLD");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (fd < 0) return;
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (real(fd, what, strlen(what)) < 0) { /* the test then says that nothing was hit */ }
    close(fd);
}

static int sync_fails(int fd) {
    if (!under(fd) || __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST) != wanted("FAIL_SYNC"))
        return 0;
    told("sync\n");
    errno = EIO;
    return 1;
}

int fsync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return sync_fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    return sync_fails(fd) ? -1 : real(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    int nth = wanted("FAIL_WRITE");
    if (nth && under(fd) && __atomic_add_fetch(&writes, 1, __ATOMIC_SEQ_CST) == nth) {
        if (size > 1 && real(fd, data, size / 2) < 0) return -1;
        told("write\n");
        errno = ENOSPC;
        return -1;
    }
    return real(fd, data, size);
}
