/* labd: the wires of one set, and the traffic whose failover is timed.
 *
 * A link is a pair of TAP devices, one in each of two network namespaces, with this process between them: delay, jitter,
 * random loss, a black hole, or no carrier. No kernel module is needed for it, and what a fault does is exact: a
 * frame is dropped when it would be delivered, so nothing arrives after the instant of the fault. The same process sends and
 * echoes the UDP probes and listens to route changes, so that all events have one clock (CLOCK_REALTIME).
 *
 * It is not a traffic shaper: links have no rate, and a queue that is full drops.
 *
 * usage: labd CONFIG, a file of lines
 *   link NAME nsA ifA nsB ifB delayAB_us jitterAB_us delayBA_us jitterBA_us
 *   echo NS ip port                  answers probes
 *   app  NS ip port interval_us      sends probes
 *   mon  NS                          reports route changes
 * standard input, until it is closed:
 *   loss LINK ab|ba|both P           probability of dropping a frame
 *   carrier LINK a|b|both 0|1        the cable; cut at one end, it carries nothing
 *   lastpkts LINK                    how long ago each protocol's last frame was delivered
 *   quit
 * standard output, a line per event: TIME KIND TEXT
 *   READY, CMD (a command's instant), LAST, GAP (a hole between echoes),
 *   PATHQ (probes now arrive over another link; links whose name begins with _ are not looked at), ROUTE
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX 8
#define MONITORS_MAX 8
#define QUEUE_FRAMES 512
#define FRAME_BYTES 1700
#define SECOND_NS 1000000000LL
/* Frames due this soon are delivered now: waking up again costs more. */
#define EARLY_NS 20000

enum { APP_QUERY, APP_REPLY, BFD, VRRP, OSPF, BGP, ICMP, ARP, OTHER, CLASSES };
static const char *class_names[CLASSES] = {"appq", "appr", "bfd", "vrrp", "ospf", "bgp", "icmp", "arp", "other"};

/* What a file descriptor is, in epoll's data: these, then monitors, then two for each link. */
enum { ID_ECHO, ID_APP, ID_STDIN, ID_WIRE_TIMER, ID_APP_TIMER, ID_MONITOR = 10, ID_LINK = 100 };

struct frame {
    int64_t due;
    int length;
    uint8_t bytes[FRAME_BYTES];
};

struct direction {
    struct frame *queue;
    unsigned head, tail; /* first to deliver, next free; modulo QUEUE_FRAMES */
    int64_t delay, jitter, last_due;
    double loss;
    int64_t delivered_at[CLASSES];
    uint64_t delivered[CLASSES];
    int out;
};

static struct link {
    char name[16];
    int tap[2];
    int cut[2];
    struct direction direction[2]; /* a to b, b to a */
} links[LINKS_MAX];
static int link_count;

static struct monitor {
    int fd;
    char ns[32];
} monitors[MONITORS_MAX];
static int monitor_count;

static int epoll, wire_timer, app_timer, home_ns;
static int echo_socket = -1, app_socket = -1;
static uint16_t app_port;
static int64_t app_interval;
static struct sockaddr_in app_destination;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * SECOND_NS + t.tv_nsec;
}

static void event(const char *format, ...) {
    int64_t t = now();
    va_list arguments;
    printf("%lld.%06lld ", (long long)(t / SECOND_NS), (long long)(t % SECOND_NS / 1000));
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double uniform(void) {
    static uint64_t state; /* xorshift64: links' noise, not a simulation's */
    if (!state) state = (uint64_t)(now() ^ ((int64_t)getpid() << 32)) | 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

static void enter(const char *ns) {
    char path[64];
    snprintf(path, sizeof path, "/run/netns/%s", ns);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET)) die(path);
    close(fd);
}

static void leave(void) {
    if (setns(home_ns, CLONE_NEWNET)) die("setns");
}

static int socket_in(const char *ns, int family, int type, int protocol) {
    enter(ns);
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0) die("socket");
    leave();
    return fd;
}

static int make_tap(const char *ns, const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    enter(ns);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) die("/dev/net/tun");
    if (ioctl(fd, TUNSETIFF, &request)) die("TUNSETIFF");
    leave();
    return fd;
}

static void watch(int fd, uint32_t id) {
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = id};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e)) die("epoll_ctl");
}

/* ---- the wire */

static int classify(const uint8_t *frame, int length, uint64_t *sequence) {
    if (length < 14) return OTHER;
    int ethertype = frame[12] << 8 | frame[13];
    if (ethertype == 0x806) return ARP;
    if (ethertype != 0x800 || length < 34) return OTHER;
    int header = (frame[14] & 15) * 4, protocol = frame[14 + 9];
    const uint8_t *payload = frame + 14 + header;
    if (protocol == 112) return VRRP;
    if (protocol == 89) return OSPF;
    if (length < 14 + header + 8) return OTHER;
    if (protocol == 1) return ICMP;
    int from = payload[0] << 8 | payload[1], to = payload[2] << 8 | payload[3];
    if (protocol == 6) return from == 179 || to == 179 ? BGP : OTHER;
    if (protocol != 17) return OTHER;
    if (to == 3784) return BFD;
    if (to != app_port && from != app_port) return OTHER;
    if (length >= 14 + header + 16) memcpy(sequence, payload + 8, 8);
    return to == app_port ? APP_QUERY : APP_REPLY;
}

/* Takes what namespace `end` of a link sends, and queues it for the other end. */
static void receive(struct link *link, int end) {
    struct direction *direction = &link->direction[end];
    static uint8_t bytes[FRAME_BYTES];
    int length;
    while ((length = read(link->tap[end], bytes, sizeof bytes)) > 0) {
        int64_t due = now() + direction->delay + (int64_t)(uniform() * direction->jitter);
        if (due < direction->last_due) due = direction->last_due; /* frames do not overtake */
        direction->last_due = due;
        if (direction->tail - direction->head == QUEUE_FRAMES) continue;
        struct frame *frame = &direction->queue[direction->tail++ % QUEUE_FRAMES];
        frame->due = due;
        frame->length = length;
        memcpy(frame->bytes, bytes, length);
    }
}

static void deliver_due(struct link *link, int end) {
    static struct link *path; /* over which the last probe arrived */
    struct direction *direction = &link->direction[end];
    int64_t t = now();
    while (direction->head != direction->tail) {
        struct frame *frame = &direction->queue[direction->head % QUEUE_FRAMES];
        if (frame->due > t + EARLY_NS) return;
        direction->head++;
        if (link->cut[0] || link->cut[1] || uniform() < direction->loss) continue;
        if (write(direction->out, frame->bytes, frame->length) < 0) continue;
        uint64_t sequence = 0;
        int class = classify(frame->bytes, frame->length, &sequence);
        direction->delivered_at[class] = t;
        direction->delivered[class]++;
        if (class == APP_QUERY && link->name[0] != '_' && link != path) {
            path = link;
            event("PATHQ %s seq=%llu", link->name, (unsigned long long)sequence);
        }
    }
}

static void set_wire_timer(void) {
    int64_t first = 0;
    for (int i = 0; i < link_count; i++)
        for (int end = 0; end < 2; end++) {
            struct direction *direction = &links[i].direction[end];
            if (direction->head == direction->tail) continue;
            int64_t due = direction->queue[direction->head % QUEUE_FRAMES].due;
            if (!first || due < first) first = due;
        }
    struct itimerspec at = {.it_value = {first / SECOND_NS, first % SECOND_NS}};
    timerfd_settime(wire_timer, TFD_TIMER_ABSTIME, &at, 0);
}

/* ---- probes */

static uint64_t probes_sent;

static void send_probe(void) {
    uint64_t expirations;
    if (read(app_timer, &expirations, sizeof expirations) < 0 || app_socket < 0) return;
    uint8_t probe[64] = {0};
    probes_sent++;
    memcpy(probe, &probes_sent, 8);
    /* Without any route this fails, which is an outage like any other. */
    sendto(app_socket, probe, sizeof probe, 0, (void *)&app_destination, sizeof app_destination);
}

static void echo_probes(void) {
    uint8_t bytes[2048];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int length;
    while ((length = recvfrom(echo_socket, bytes, sizeof bytes, 0, (void *)&from, &size)) > 0)
        sendto(echo_socket, bytes, length, 0, (void *)&from, size);
}

static void receive_replies(void) {
    static uint64_t last_sequence;
    static int64_t last_reply;
    uint8_t bytes[2048];
    while (recv(app_socket, bytes, sizeof bytes, 0) >= 8) {
        uint64_t sequence;
        memcpy(&sequence, bytes, 8);
        if (sequence <= last_sequence) continue;
        int64_t t = now();
        if (last_reply && (sequence != last_sequence + 1 || t - last_reply > 3 * app_interval + SECOND_NS / 10))
            event("GAP dur=%.6f lost=%llu", (t - last_reply) / 1e9, (unsigned long long)(sequence - last_sequence - 1));
        last_sequence = sequence;
        last_reply = t;
    }
}

/* ---- route changes */

static void report_route(struct monitor *monitor, struct nlmsghdr *header) {
    struct rtmsg *route = NLMSG_DATA(header);
    if (route->rtm_table == RT_TABLE_LOCAL) return;
    char destination[INET_ADDRSTRLEN] = "default", gateway[INET_ADDRSTRLEN] = "-";
    int length = RTM_PAYLOAD(header);
    for (struct rtattr *a = RTM_RTA(route); RTA_OK(a, length); a = RTA_NEXT(a, length)) {
        if (a->rta_type == RTA_DST) inet_ntop(AF_INET, RTA_DATA(a), destination, sizeof destination);
        if (a->rta_type == RTA_GATEWAY) inet_ntop(AF_INET, RTA_DATA(a), gateway, sizeof gateway);
    }
    const char *what = header->nlmsg_type == RTM_NEWROUTE ? "new" : "del";
    event("ROUTE %s %s %s/%d gw=%s proto=%d", monitor->ns, what, destination, route->rtm_dst_len, gateway,
          route->rtm_protocol);
}

static void report_routes(struct monitor *monitor) {
    static char bytes[65536];
    int n;
    while ((n = recv(monitor->fd, bytes, sizeof bytes, 0)) > 0)
        for (struct nlmsghdr *h = (void *)bytes; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n))
            if (h->nlmsg_type == RTM_NEWROUTE || h->nlmsg_type == RTM_DELROUTE) report_route(monitor, h);
}

/* ---- commands */

static void report_ages(struct link *link) {
    char text[1024] = "";
    int n = 0;
    int64_t t = now();
    for (int end = 0; end < 2; end++)
        for (int class = 0; class < CLASSES; class++) {
            struct direction *direction = &link->direction[end];
            if (!direction->delivered[class]) continue;
            n += snprintf(text + n, sizeof text - n, " %s.%s=%.6f/%llu", end ? "ba" : "ab", class_names[class],
                          (t - direction->delivered_at[class]) / 1e9, (unsigned long long)direction->delivered[class]);
        }
    event("LAST %s%s", link->name, text);
}

static void set_carrier(struct link *link, int end, int carrier) {
    link->cut[end] = !carrier;
    if (ioctl(link->tap[end], TUNSETCARRIER, &carrier)) die("TUNSETCARRIER");
}

static void obey(const char *line) {
    char name[16], where[16];
    double probability;
    int carrier, is_loss, is_carrier;
    if (!strcmp(line, "quit")) exit(0);
    is_loss = sscanf(line, "loss %15s %15s %lf", name, where, &probability) == 3;
    is_carrier = !is_loss && sscanf(line, "carrier %15s %15s %d", name, where, &carrier) == 3;
    if (!is_loss && !is_carrier && sscanf(line, "lastpkts %15s", name) != 1) return;
    for (struct link *link = links; link < links + link_count; link++) {
        if (strcmp(link->name, name)) continue;
        if (is_loss) {
            if (strcmp(where, "ba")) link->direction[0].loss = probability;
            if (strcmp(where, "ab")) link->direction[1].loss = probability;
        } else if (is_carrier) {
            if (strcmp(where, "b")) set_carrier(link, 0, carrier);
            if (strcmp(where, "a")) set_carrier(link, 1, carrier);
        } else {
            report_ages(link);
        }
    }
    event("CMD %s", line);
}

static void read_commands(void) {
    static char bytes[4096];
    static int held;
    int n = read(STDIN_FILENO, bytes + held, sizeof bytes - 1 - held);
    if (n <= 0) exit(0); /* whoever started this is gone */
    held += n;
    bytes[held] = 0;
    char *end;
    while ((end = strchr(bytes, '\n'))) {
        *end = 0;
        obey(bytes);
        held -= end + 1 - bytes;
        memmove(bytes, end + 1, held + 1);
    }
}

/* ---- configuration */

static void add_link(const char *name, char ns[2][32], char interface[2][16], const long us[4]) {
    if (link_count == LINKS_MAX) exit(2);
    struct link *link = &links[link_count];
    strcpy(link->name, name);
    for (int end = 0; end < 2; end++) {
        struct direction *direction = &link->direction[end];
        direction->queue = calloc(QUEUE_FRAMES, sizeof(struct frame));
        if (!direction->queue) die("calloc");
        direction->delay = us[2 * end] * 1000;
        direction->jitter = us[2 * end + 1] * 1000;
        link->tap[end] = make_tap(ns[end], interface[end]);
        watch(link->tap[end], ID_LINK + 2 * link_count + end);
    }
    link->direction[0].out = link->tap[1];
    link->direction[1].out = link->tap[0];
    link_count++;
}

static void add_echo(const char *ns, const char *ip, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1;
    inet_pton(AF_INET, ip, &address.sin_addr);
    echo_socket = socket_in(ns, AF_INET, SOCK_DGRAM, 0);
    setsockopt(echo_socket, SOL_IP, IP_FREEBIND, &one, sizeof one); /* the address comes later */
    if (bind(echo_socket, (void *)&address, sizeof address)) die("bind echo");
    watch(echo_socket, ID_ECHO);
}

static void add_app(const char *ns, const char *ip, int port, long interval_us) {
    app_socket = socket_in(ns, AF_INET, SOCK_DGRAM, 0);
    app_destination.sin_family = AF_INET;
    app_destination.sin_port = htons(port);
    inet_pton(AF_INET, ip, &app_destination.sin_addr);
    app_port = port;
    app_interval = interval_us * 1000;
    watch(app_socket, ID_APP);
    struct itimerspec every = {{app_interval / SECOND_NS, app_interval % SECOND_NS}, {1, 0}};
    timerfd_settime(app_timer, 0, &every, 0);
}

static void add_monitor(const char *ns) {
    if (monitor_count == MONITORS_MAX) exit(2);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_ROUTE};
    struct monitor *monitor = &monitors[monitor_count];
    strcpy(monitor->ns, ns);
    monitor->fd = socket_in(ns, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (bind(monitor->fd, (void *)&address, sizeof address)) die("bind netlink");
    watch(monitor->fd, ID_MONITOR + monitor_count++);
}

static void configure(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    char line[256];
    while (fgets(line, sizeof line, file)) {
        char name[16], ns[2][32], interface[2][16], ip[16];
        long us[4], interval_us;
        int port;
        if (sscanf(line, "link %15s %31s %15s %31s %15s %ld %ld %ld %ld", name, ns[0], interface[0], ns[1], interface[1],
                   &us[0], &us[1], &us[2], &us[3]) == 9)
            add_link(name, ns, interface, us);
        else if (sscanf(line, "echo %31s %15s %d", ns[0], ip, &port) == 3)
            add_echo(ns[0], ip, port);
        else if (sscanf(line, "app %31s %15s %d %ld", ns[0], ip, &port, &interval_us) == 4)
            add_app(ns[0], ip, port, interval_us);
        else if (sscanf(line, "mon %31s", ns[0]) == 1)
            add_monitor(ns[0]);
    }
    fclose(file);
}

static void handle(uint32_t id) {
    uint64_t expirations;
    switch (id) {
    case ID_ECHO: echo_probes(); return;
    case ID_APP: receive_replies(); return;
    case ID_STDIN: read_commands(); return;
    case ID_APP_TIMER: send_probe(); return;
    case ID_WIRE_TIMER:
        if (read(wire_timer, &expirations, sizeof expirations) < 0) return; /* deliveries follow in any case */
        return;
    default:
        if (id >= ID_LINK) receive(&links[(id - ID_LINK) / 2], (id - ID_LINK) % 2);
        else report_routes(&monitors[id - ID_MONITOR]);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    home_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    wire_timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    app_timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (home_ns < 0 || epoll < 0 || wire_timer < 0 || app_timer < 0) die("labd");
    configure(arguments[1]);
    watch(STDIN_FILENO, ID_STDIN);
    watch(wire_timer, ID_WIRE_TIMER);
    watch(app_timer, ID_APP_TIMER);
    event("READY links=%d", link_count);
    for (;;) {
        struct epoll_event ready[32];
        int n = epoll_wait(epoll, ready, 32, -1);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < n; i++) handle(ready[i].data.u32);
        for (int i = 0; i < link_count; i++)
            for (int end = 0; end < 2; end++) deliver_due(&links[i], end);
        set_wire_timer();
    }
}
