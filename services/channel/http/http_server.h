#pragma once
namespace frontdesk::channel {
class HttpServer {};
}
